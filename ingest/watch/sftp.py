"""A watched folder on a server, over SFTP.

The server has to be one that this machine knows: its host key is compared with ``known_hosts``, and one that is not
there, or another one, is refused. Relied on of SFTP, version 3 (draft-ietf-secsh-filexfer-02, section 6.5): a rename
fails where the new name is taken, so that nothing is overwritten.
"""

from __future__ import annotations

import logging
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from ingest.watch.folder import WHERE, Seen, Unreachable, Where, reaching
from ledger.errors import DocumentError, InputError

if TYPE_CHECKING:
    from paramiko import PKey, SFTPAttributes, SFTPClient, SSHClient

_ADDRESS = re.compile(
    r"sftp://(?P<user>[^\s:@/?#]+)@(?P<host>\[[0-9A-Fa-f:.]+\]|[^\s:@/?#\[\]]+)(:(?P<port>\d{1,5}))?/(?P<path>[^\s?#]*)"
)
PORT = 22
LOG = "tillproof.watch.sftp"
logging.getLogger(LOG).setLevel(logging.CRITICAL + 1)  # what goes wrong is raised, and said once
CONNECT_SECONDS_MAX = 15
ANSWER_SECONDS_MAX = 60
KEEP_ALIVE_SECONDS = 30
REQUESTS_MAX = 64
"""Reads that are asked for at once; OpenSSH's own client asks for as many."""


@dataclass(frozen=True)
class SftpAccess:
    """How this installation opens an SFTP server, beside the keys of the ssh agent and of ``~/.ssh``: a password (which
    opens the key file, too, where that has one), a key file, and the file of known hosts."""

    password: str | None = None
    key_file: Path | None = None
    known_hosts: Path | None = None


def is_sftp(path: str) -> bool:
    return path.startswith("sftp://")


class SftpFolder:
    """A ``Folder`` on a server, connected to at the first call and again after ``close``. Not safe from several
    threads."""

    def __init__(self, address: str, access: SftpAccess) -> None:
        found = _ADDRESS.fullmatch(address)
        if found is None:
            raise InputError(f"{address!r} is no folder on a server; write it as sftp://user@host/path")
        self._user, self._host = unquote(found["user"]), found["host"].strip("[]")
        self._port = int(found["port"] or PORT)
        path = unquote(found["path"])
        self._path = (path[2:] or ".") if path == "~" or path.startswith("~/") else f"/{path}"
        self._path = self._path.rstrip("/") or "/"
        self._address = address
        self._access = access
        self._client: SSHClient | None = None
        self._sftp: SFTPClient | None = None
        try:
            from paramiko import SSHException
        except ImportError:
            raise InputError(
                f"{address} needs the package paramiko, which is not installed: pip install 'tillproof[sftp]'"
            ) from None
        self._troubles = (SSHException, EOFError, UnicodeError)  # the last one for names that are no UTF-8

    @property
    def place(self) -> str:
        return self._address

    def files(self) -> list[Seen]:
        sftp = self._connected()
        with reaching(self.place, *self._troubles):
            listed = sftp.listdir_attr(self._path)
        return [_seen(one.filename, one) for one in listed if _plain(one) and _is_name(one.filename)]

    def look(self, name: str) -> Seen:
        sftp = self._connected()
        with reaching(self.place, *self._troubles):
            return _seen(name, sftp.lstat(self._at(name)))

    def fetch(self, name: str, into: Path) -> Path:
        sftp, copy = self._connected(), into / name
        with reaching(self.place, *self._troubles):
            try:
                sftp.get(self._at(name), str(copy), max_concurrent_prefetch_requests=REQUESTS_MAX)  # compares lengths
            except PermissionError:
                raise DocumentError(f"{name} may not be read; give {self._user} the right to") from None
        return copy

    def move(self, name: str, where: Where, new_name: str) -> None:
        sftp, target = self._connected(), self._at(where, new_name)
        with reaching(self.place, *self._troubles):
            self._refuse_taken(sftp, target)
            sftp.rename(self._at(name), target)

    def write(self, where: Where, name: str, text: str) -> None:
        sftp, target = self._connected(), self._at(where, name)
        with reaching(self.place, *self._troubles):
            self._refuse_taken(sftp, target)
            with sftp.open(target, "wx") as file:
                file.write(text.encode())

    def remove(self, name: str) -> None:
        sftp = self._connected()
        with reaching(self.place, *self._troubles):
            sftp.remove(self._at(name))

    def close(self) -> None:
        if self._client is not None:
            self._client.close()
        self._client = self._sftp = None

    def _connected(self) -> SFTPClient:
        if self._sftp is None:
            self._sftp = self._connect()
        return self._sftp

    def _connect(self) -> SFTPClient:
        import paramiko

        client = paramiko.SSHClient()
        client.set_log_channel(LOG)
        client.set_missing_host_key_policy(paramiko.RejectPolicy())
        access = self._access
        try:
            if access.known_hosts is not None:
                client.load_host_keys(str(access.known_hosts))
            else:
                client.load_system_host_keys()
            client.connect(
                self._host,
                self._port,
                self._user,
                password=access.password,
                pkey=None if access.key_file is None else self._key(access.key_file, access.password),
                look_for_keys=access.key_file is None,
                timeout=CONNECT_SECONDS_MAX,
                banner_timeout=CONNECT_SECONDS_MAX,
                auth_timeout=CONNECT_SECONDS_MAX,
            )
            transport = client.get_transport()
            assert transport is not None
            transport.set_keepalive(KEEP_ALIVE_SECONDS)
            sftp = client.open_sftp()
            channel = sftp.get_channel()
            assert channel is not None
            channel.settimeout(ANSWER_SECONDS_MAX)
            for where in WHERE:
                self._make(sftp, where)
        except (OSError, *self._troubles) as error:
            client.close()
            raise Unreachable(self._why(error)) from None
        except Unreachable:
            client.close()
            raise
        self._client = client
        return sftp

    def _key(self, file: Path, password: str | None) -> PKey:
        from paramiko import PKey

        try:
            return PKey.from_path(file, None if password is None else password.encode())
        except TypeError:
            raise Unreachable(f"{self.place}: {file} has a password; set TILLPROOF_SFTP_PASSWORD") from None
        except (ValueError, OSError, *self._troubles):
            raise Unreachable(
                f"{self.place}: {file} is no private key that can be read, or TILLPROOF_SFTP_PASSWORD does not open it"
            ) from None

    def _why(self, error: Exception) -> str:
        from paramiko import AuthenticationException, BadHostKeyException

        server = f"{self._host} port {self._port}"
        if isinstance(error, BadHostKeyException):
            return f"{self.place}: the host key of {server} is not the one that is known; nothing was sent to it"
        if isinstance(error, AuthenticationException):
            return (
                f"{self.place}: {server} does not let {self._user} in; give a key to the ssh agent, or set "
                "TILLPROOF_SFTP_KEY_FILE or TILLPROOF_SFTP_PASSWORD"
            )
        if "not found in known_hosts" in str(error):
            return (
                f"{self.place}: the host key of {server} is not known; find out that it is right, and add it to "
                "~/.ssh/known_hosts or the file that TILLPROOF_SFTP_KNOWN_HOSTS names"
            )
        if isinstance(error, FileNotFoundError):
            return f"{self.place} is no folder; make it on the server"
        said = getattr(error, "strerror", None) or str(error) or type(error).__name__
        return f"{self.place} cannot be reached: {said}"

    def _make(self, sftp: SFTPClient, where: Where) -> None:
        try:
            found = sftp.lstat(self._at(where))
        except FileNotFoundError:
            sftp.mkdir(self._at(where))
            return
        if not stat.S_ISDIR(found.st_mode or 0):
            raise OSError(f"{where} is no folder of its own there")

    def _refuse_taken(self, sftp: SFTPClient, target: str) -> None:
        """A rename to a name that is taken fails, but servers do not say that this is why."""
        try:
            sftp.lstat(target)
        except FileNotFoundError:
            return
        raise FileExistsError(target)

    def _at(self, *names: str) -> str:
        return "/".join((self._path.rstrip("/"), *names))


def _plain(found: SFTPAttributes) -> bool:
    return stat.S_ISREG(found.st_mode or 0)


def _is_name(name: str) -> bool:
    """Whether a server's word for a file is the name of one, and leads nowhere else."""
    return name not in ("", ".", "..") and "/" not in name and "\0" not in name


def _seen(name: str, found: SFTPAttributes) -> Seen:
    if not _plain(found):
        raise FileNotFoundError(name)
    return Seen(name, found.st_size or 0, float(found.st_mtime or 0))
