"""What belongs to the installation: ``TILLPROOF_*`` in the environment, read here and nowhere else."""

from __future__ import annotations

import ipaddress
from decimal import Decimal
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from ledger.errors import SettingsError


class InstallationSettings(BaseSettings):
    """Address, key and model of this installation.

    ``api_key`` opens the service to other machines: without it only a loopback address is taken.
    ``embedding_model`` is the name or path of a sentence-transformers model; ``None`` is the one that comes with
    the package.

    ``model`` is a language model as ``provider:name``; ``None`` is none, and nothing is sent anywhere. ``model_url`` is
    the address of its service where it is not the provider's own; the key is read from the provider's usual variable.
    ``model_names`` says whether people's names are sent. ``model_prices`` are dollars for a million tokens in and out,
    by model. Whatever the limits cut short is answered without the model.
    """

    model_config = SettingsConfigDict(env_prefix="TILLPROOF_", frozen=True, extra="ignore")

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    api_key: str | None = Field(default=None, min_length=16)
    embedding_model: str | None = None
    model: str | None = Field(default=None, min_length=1)
    model_url: str | None = None
    model_names: Literal["hide", "show"] = "hide"
    model_seconds_max: float = Field(default=20, gt=0, le=600)
    model_calls_max: int = Field(default=8, ge=1, le=50)
    model_tokens_max: int = Field(default=60_000, ge=1_000)
    model_prices: dict[str, tuple[Decimal, Decimal]] = Field(default_factory=dict)

    def checked(self) -> InstallationSettings:
        """The same settings; SettingsError when they would open the books to other machines without a key."""
        if not self.api_key and not _is_loopback(self.host):
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
