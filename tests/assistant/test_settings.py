"""What the environment says wrongly is said in one line, which does not tell a secret."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from assistant.settings import InstallationSettings
from ledger.errors import SettingsError


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TILLPROOF_API_KEY", "hunter2"),
        ("TILLPROOF_PORT", "hunter2"),
        ("TILLPROOF_PUBLIC_URL", "hunter2"),
        ("TILLPROOF_PUBLIC_URL", "https://books.example/?hunter2"),
        ("TILLPROOF_PUBLIC_URL", "https://user:hunter2@books.example"),
        ("TILLPROOF_SLACK_SIGNING_SECRET", "hunter2"),
        ("TILLPROOF_SLACK_RESPONSE_ORIGIN", "https://hunter2/path"),
        ("TILLPROOF_HOOK_SECRETS", "hunter2"),
        ("TILLPROOF_HOOK_SECRETS", '{"erp": "hunter2"}'),
        ("TILLPROOF_HOOK_SECRETS", '{"erp": "whsec_hunter2"}'),
    ],
)
def test_a_wrong_setting_is_named_without_its_value(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=f"^{name}: [a-z]") as error:
        InstallationSettings()
    assert "hunter2" not in str(error.value)
    assert "\n" not in str(error.value)


def test_a_command_says_it_in_one_line(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "assistant.cli", "serve", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env=os.environ | {"TILLPROOF_API_KEY": "hunter2"},
    )
    assert done.returncode == 1
    assert done.stderr.startswith("tillproof: TILLPROOF_API_KEY: ")
    assert done.stderr.count("\n") == 1
