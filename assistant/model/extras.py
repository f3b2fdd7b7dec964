"""Whether the packages for a model are installed; looked up without importing any of them."""

from __future__ import annotations

from importlib.util import find_spec

from ledger.errors import SettingsError

_PACKAGES = {"openai": "langchain_openai", "anthropic": "langchain_anthropic", "ollama": "langchain_ollama"}


def need_packages(model: str) -> None:
    """SettingsError with the command that installs what is missing for a model, ``provider:name``."""
    provider, colon, name = model.partition(":")
    if not colon or not name:
        raise SettingsError(f"TILLPROOF_MODEL is {model!r}; write it as provider:name, such as openai:gpt-5.5")
    extra = provider if provider in _PACKAGES else "model"
    if find_spec("langchain") is None or (provider in _PACKAGES and find_spec(_PACKAGES[provider]) is None):
        raise SettingsError(
            f"TILLPROOF_MODEL is {model!r}, and the packages for it are not installed: "
            f"pip install -c constraints.txt -e '.[{extra}]'"
        )
