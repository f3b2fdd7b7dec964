"""An SFTP server on a socket of this machine, over a real folder: paramiko's own server side."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import paramiko

USER, PASSWORD = "till", "a password of the till"


@dataclass
class Server:
    """A running server: its address, its key, the user's key, and how it misbehaves: ``cut`` ends the connection at the
    next read of a file."""

    root: Path
    port: int
    host_key: paramiko.PKey = field(default_factory=lambda: paramiko.ECDSAKey.generate())
    user_key: paramiko.PKey = field(default_factory=lambda: paramiko.ECDSAKey.generate())
    cut: bool = False
    connections: int = 0
    transports: list[paramiko.Transport] = field(default_factory=list)

    def address(self, path: str = "drop") -> str:
        return f"sftp://{USER}@127.0.0.1:{self.port}/{path}"

    def known_hosts(self, path: Path, key: paramiko.PKey | None = None) -> Path:
        shown = key or self.host_key
        path.write_text(f"[127.0.0.1]:{self.port} {shown.get_name()} {shown.get_base64()}\n", encoding="utf-8")
        return path


class _Session(paramiko.ServerInterface):
    def __init__(self, server: Server) -> None:
        self.server = server

    def check_auth_password(self, username: str, password: str) -> int:
        right = (username, password) == (USER, PASSWORD)
        return paramiko.AUTH_SUCCESSFUL if right else paramiko.AUTH_FAILED

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        right = username == USER and key == self.server.user_key
        return paramiko.AUTH_SUCCESSFUL if right else paramiko.AUTH_FAILED

    def get_allowed_auths(self, username: str) -> str:
        return "password,publickey"

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return paramiko.OPEN_SUCCEEDED


class _Handle(paramiko.SFTPHandle):
    def __init__(self, flags: int, server: Server) -> None:
        super().__init__(flags)
        self.server = server

    def read(self, offset: int, length: int) -> Any:
        if self.server.cut:
            self.server.cut = False
            for one in self.server.transports:
                one.close()
        return super().read(offset, length)

    def stat(self) -> paramiko.SFTPAttributes:
        return paramiko.SFTPAttributes.from_stat(os.fstat(self.readfile.fileno()))


class _Files(paramiko.SFTPServerInterface):
    """The folder ``root`` as a version 3 server shows it: a rename to a name that is taken fails."""

    def __init__(self, session: _Session, *_: Any, **__: Any) -> None:
        self.server = session.server

    def session_started(self) -> None:
        self.server.connections += 1

    def _at(self, path: str) -> Path:
        return self.server.root / self.canonicalize(path).lstrip("/")

    def list_folder(self, path: str) -> Any:
        return self._answered(
            lambda: [
                paramiko.SFTPAttributes.from_stat(one.lstat(), one.name) for one in sorted(self._at(path).iterdir())
            ]
        )

    def stat(self, path: str) -> Any:
        return self._answered(lambda: paramiko.SFTPAttributes.from_stat(self._at(path).stat()))

    def lstat(self, path: str) -> Any:
        return self._answered(lambda: paramiko.SFTPAttributes.from_stat(self._at(path).lstat()))

    def open(self, path: str, flags: int, attr: paramiko.SFTPAttributes) -> Any:
        def opened() -> _Handle:
            descriptor = os.open(self._at(path), flags, 0o644)
            handle = _Handle(flags, self.server)
            file = os.fdopen(descriptor, "wb" if flags & (os.O_WRONLY | os.O_RDWR) else "rb")
            handle.filename, handle.readfile, handle.writefile = str(self._at(path)), file, file
            return handle

        return self._answered(opened)

    def remove(self, path: str) -> Any:
        return self._done(lambda: self._at(path).unlink())

    def mkdir(self, path: str, attr: paramiko.SFTPAttributes) -> Any:
        return self._done(lambda: self._at(path).mkdir())

    def rename(self, oldpath: str, newpath: str) -> Any:
        if os.path.lexists(self._at(newpath)):
            return paramiko.SFTP_FAILURE
        return self._done(lambda: self._at(oldpath).rename(self._at(newpath)))

    def _done(self, act: Any) -> int:
        answer = self._answered(act)
        return answer if isinstance(answer, int) and answer != paramiko.SFTP_OK else paramiko.SFTP_OK

    def _answered(self, ask: Any) -> Any:
        try:
            return ask()
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 0)


@contextmanager
def sftp_server(root: Path) -> Iterator[Server]:
    """A server over ``root`` until the end."""
    (root / "drop").mkdir(parents=True, exist_ok=True)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = Server(root, listener.getsockname()[1])

        def accept() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                transport = paramiko.Transport(connection)
                server.transports.append(transport)
                transport.add_server_key(server.host_key)
                transport.set_subsystem_handler("sftp", paramiko.SFTPServer, _Files)
                try:
                    transport.start_server(server=_Session(server))
                except (paramiko.SSHException, EOFError, OSError):  # who looked at the key and went
                    transport.close()

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            for transport in server.transports:
                transport.close()
            thread.join(5)
