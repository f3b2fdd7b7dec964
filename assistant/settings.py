"""What belongs to the installation: ``TILLPROOF_*`` in the environment, read here and nowhere else."""

from __future__ import annotations

import ipaddress
import re
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, Field, SecretStr, StringConstraints, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict
from pydantic_settings.exceptions import SettingsError as NotJson

from ingest.signatures import signing_key
from ledger.cases.events import NAME_CHARACTERS_MAX
from ledger.errors import SettingsError

if TYPE_CHECKING:
    from ingest.watch.sftp import SftpAccess


def _address(url: str) -> str:
    """An address of this service without the slash at its end; ValueError says how to write one."""
    if not re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#]*)?", url):
        raise ValueError("write it as https://books.example.com, without a question mark")
    return url.rstrip("/")


def _origin(url: str) -> str:
    """The beginning of addresses, up to where their path begins; ValueError says how to write one."""
    if not re.fullmatch(r"https?://[^\s/?#@]+", url):
        raise ValueError("write it as https://hooks.slack.com, without a path")
    return url


def _signing_secret(secret: SecretStr) -> SecretStr:
    signing_key(secret.get_secret_value())
    return secret


_Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=NAME_CHARACTERS_MAX)]
_Key = Annotated[str, StringConstraints(min_length=16)]


class InstallationSettings(BaseSettings):
    """Address, key and model of this installation.

    ``api_key`` opens the service to other machines: without it only a loopback address is taken.
    ``reviewer_keys`` are keys of people by their names: whoever acts in a name then needs the key of it.
    ``embedding_model`` is the name or path of a sentence-transformers model; ``None`` is the one that comes with
    the package.

    ``public_url`` is where people open the service, for links in answers that leave it; without it, the address that
    a request came to. ``slack_signing_secret`` opens the door for Slack. An answer that takes longer than
    ``slack_wait_seconds`` is sent to the address that Slack names, which has to begin with ``slack_response_origin``.

    ``square_webhook_key``, ``shopify_webhook_secret`` and ``stripe_webhook_secret`` open ``/hooks/`` for a source.
    Square signs the address that it calls, too: ``public_url`` has to be the one that was given to it.

    ``hook_secrets`` sign what is sent to ``[hooks.out]`` of a book: by name of the target, each as Standard Webhooks
    write one. ``sftp_password``, ``sftp_key_file`` and ``sftp_known_hosts`` open folders on servers that are watched.
    ``flags_after_seconds`` is for how long deliveries pause before the service looks for flags; 0 has it never look.

    ``model`` is a language model as ``provider:name``; ``None`` is none, and nothing is sent anywhere. ``model_url`` is
    the address of its service where it is not the provider's own; the key is read from the provider's usual variable.
    ``model_names`` says whether people's names are sent. ``model_prices`` are dollars for a million tokens in and out,
    by model. Whatever the limits cut short is answered without the model.
    """

    model_config = SettingsConfigDict(env_prefix="TILLPROOF_", frozen=True, extra="ignore")

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    api_key: str | None = Field(default=None, min_length=16)
    reviewer_keys: dict[_Name, _Key] = Field(default_factory=dict)
    embedding_model: str | None = None
    public_url: Annotated[str, AfterValidator(_address)] | None = None
    slack_signing_secret: str | None = Field(default=None, min_length=16)
    slack_response_origin: Annotated[str, AfterValidator(_origin)] = "https://hooks.slack.com"
    slack_wait_seconds: float = Field(default=2.0, ge=0, le=2.5)
    square_webhook_key: str | None = Field(default=None, min_length=16)
    shopify_webhook_secret: str | None = Field(default=None, min_length=16)
    stripe_webhook_secret: str | None = Field(default=None, min_length=16)
    hook_secrets: dict[str, Annotated[SecretStr, AfterValidator(_signing_secret)]] = Field(default_factory=dict)
    sftp_password: SecretStr | None = None
    sftp_key_file: Path | None = None
    sftp_known_hosts: Path | None = None
    flags_after_seconds: float = Field(default=20, ge=0, le=86_400)
    model: str | None = Field(default=None, min_length=1)
    model_url: str | None = None
    model_names: Literal["hide", "show"] = "hide"
    model_seconds_max: float = Field(default=20, gt=0, le=600)
    model_calls_max: int = Field(default=8, ge=1, le=50)
    model_tokens_max: int = Field(default=60_000, ge=1_000)
    model_prices: dict[str, tuple[Decimal, Decimal]] = Field(default_factory=dict)

    def __init__(self, **given: Any) -> None:
        """The settings of the environment, but for those that are given. SettingsError names one that is wrong, without
        its value, which may be a secret."""
        try:
            super().__init__(**given)
        except NotJson as error:
            found = re.search(r'field "(\w+)"', str(error))
            name = f"TILLPROOF_{found[1].upper()}" if found else "a setting TILLPROOF_*"
            raise SettingsError(f'{name}: it is no JSON such as {{"name": ...}}; mend it in the environment') from None
        except ValidationError as error:
            first = error.errors(include_input=False)[0]
            name = f"TILLPROOF_{str(first['loc'][0]).upper()}"
            said = first["msg"].removeprefix("Value error, ")
            raise SettingsError(f"{name}: {said[:1].lower()}{said[1:]}; mend it in the environment") from None

    @property
    def sftp_access(self) -> SftpAccess:
        """How folders on servers are opened."""
        from ingest.watch.sftp import SftpAccess

        password = None if self.sftp_password is None else self.sftp_password.get_secret_value()
        return SftpAccess(password, self.sftp_key_file, self.sftp_known_hosts)

    @property
    def has_keys(self) -> bool:
        """Whether a request needs a key."""
        return self.api_key is not None or bool(self.reviewer_keys)

    def checked(self) -> InstallationSettings:
        """The same settings; SettingsError when they would open the books to other machines without a key."""
        keys = [*self.reviewer_keys.values(), *([self.api_key] if self.api_key else [])]
        if len(set(keys)) < len(keys):
            raise SettingsError("TILLPROOF_REVIEWER_KEYS: two keys are the same; give everybody a key of his own")
        if not self.has_keys and not _is_loopback(self.host):
            raise SettingsError(
                f"refusing to listen on {self.host} without a key: set TILLPROOF_API_KEY (16 characters or more), "
                "or leave --host at 127.0.0.1"
            )
        return self


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"
