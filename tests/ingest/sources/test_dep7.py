"""Signed receipts that were changed, left out or moved: each is held by itself, with what is wrong with it."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from pathlib import Path
from typing import Any

import pytest

from ledger.batch import Held
from tests.ingest.sources.signed_receipts import COUNTER_KEY_64, a_day
from tests.ingest.sources.vendor import Case, taken

KEYS: dict[str, Any] = {"turnover_keys": {"KASSE-1": COUNTER_KEY_64}, "special_rate": "4.9"}
DAY = a_day()
ZERO, TRAINING = 2, 1


def held(tmp_path: Path, log: dict[str, Any], settings: dict[str, Any] | None = None) -> tuple[int, list[Held]]:
    """How many receipts post, and what is held or told of the others, apart from those that are of no amount."""
    tmp_path.mkdir(exist_ok=True)
    path = tmp_path / "dep.json"
    path.write_text(json.dumps(log), encoding="utf-8")
    tables = {"sources": {"dep7": KEYS if settings is None else settings}}
    book = Case((), "EUR", "Europe/Vienna", tables).book(tmp_path)
    report = taken(book, [path])
    book.close()
    return report.posted, [one for one in report.held if one.rule not in ("dep7-zero", "dep7-training")]


def changed(jws: str, was: str, now: str) -> str:
    header, code, signature = jws.split(".")
    said = urlsafe_b64decode(code + "=" * (-len(code) % 4)).decode()
    assert was in said
    return f"{header}.{urlsafe_b64encode(said.replace(was, now).encode()).decode().rstrip('=')}.{signature}"


def test_a_whole_log_posts_and_tells_what_was_not_checked(tmp_path: Path) -> None:
    posted, left = held(tmp_path, DAY.log())
    assert posted == len(DAY.receipts) - ZERO - TRAINING
    assert [one.reason.partition(" (")[0] for one in left] == [
        "Of till KASSE-1 was not checked: the signatures of 1 of its receipts, as its signing device was out of service"
    ]


def test_a_changed_receipt_is_held_and_so_is_the_one_that_was_linked_to_it(tmp_path: Path) -> None:
    receipts = list(DAY.receipts)
    receipts[1] = changed(receipts[1], "_12,00_", "_2,00_")
    _, left = held(tmp_path, DAY.log(receipts))
    found = {one.external_id: one.reason for one in left if one.disposition == "quarantined"}
    assert set(found) == {"KASSE-1-2", "KASSE-1-3"}
    assert "its signature is not that of its certificate" in found["KASSE-1-2"]
    assert "its turnover counter is 17.50, where the receipts up to it come to 7.50" in found["KASSE-1-2"]
    assert "not linked to the one before it in the file, 2" in found["KASSE-1-3"]


def test_a_missing_receipt_is_told_at_the_next(tmp_path: Path) -> None:
    _, left = held(tmp_path, DAY.log([*DAY.receipts[:2], *DAY.receipts[3:]]))
    found = {one.external_id: one.reason for one in left if one.disposition == "quarantined"}
    assert list(found) == ["KASSE-1-4", "KASSE-1-6"]  # the link breaks at the next, the counter where it is read again
    assert "one is missing or was changed" in found["KASSE-1-4"]


def test_another_tills_certificate_is_not_taken_for_its_own(tmp_path: Path) -> None:
    log = DAY.log()
    log["Belege-Gruppe"][0]["Signaturzertifikat"] = a_day().certificate
    posted, left = held(tmp_path, log)
    assert posted == 1  # the one that could not be signed
    assert sum("its signature is not that of its certificate" in one.reason for one in left) == 8
    posted, _ = held(tmp_path / "own", log, {**KEYS, "signature_keys": {"4450931f": DAY.certificate}})
    assert posted == 6


def test_without_certificate_and_key_receipts_post_and_it_is_said(tmp_path: Path) -> None:
    posted, left = held(tmp_path, DAY.log(DAY.receipts[1:], certified=False), {})
    assert posted == 5
    (told,) = [one.reason for one in left if one.rule == "dep7-unchecked"]
    assert "the signatures of 7 of its receipts, as certificate 4450931f is neither in the file" in told
    assert "the link of its first receipt" in told
    assert "the turnover counters of 6 receipts" in told


@pytest.mark.parametrize(
    ("jws", "why"),
    [
        ("a.b", "no compact signature of three parts"),
        ("e30.X1IxLUFUMQ.AA", "its signature is not by ES256"),
        ("eyJhbGciOiJFUzI1NiJ9.X1IxLUFUMQ.AA", "none of the form _R1-AT..._"),
        (7, "it is 7 where a compact signature is wanted"),
    ],
)
def test_what_is_no_receipt_is_held_alone(jws: Any, why: str, tmp_path: Path) -> None:
    posted, left = held(tmp_path, DAY.log([*DAY.receipts, jws]))
    assert posted == 6
    assert why in left[0].reason
    assert left[0].locator == "/Belege-Gruppe/0/Belege-kompakt/9"
