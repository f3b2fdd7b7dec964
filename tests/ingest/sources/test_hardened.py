"""Attacks by documents: entities, archives that grow, paths, nesting, huge lines and numbers. Each is refused in words,
or held, quickly and in little memory.
"""

from __future__ import annotations

import io
import json
import resource
import zipfile
from pathlib import Path

import pytest

from ingest import documents
from ingest.archive import files
from ledger.errors import DocumentError
from tests.ingest.sources.mutations import outcome
from tests.ingest.sources.test_bad_input import SETTINGS
from tests.ingest.sources.vendor import GOLDEN, Case, taken

POSLOG = (GOLDEN / "poslog/poslog.xml").read_text("utf-8")
BODY = POSLOG.partition("?>")[2]
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))


@pytest.mark.parametrize(
    "doctype",
    [
        f'<!DOCTYPE POSLog [<!ENTITY l0 "ha">{LAUGHS}]>',
        '<!DOCTYPE POSLog SYSTEM "file:///etc/passwd">',
        '<!DOCTYPE POSLog [<!ENTITY x SYSTEM "http://127.0.0.1:9/x">]>',
        '<!DOCTYPE POSLog [<!ENTITY % p SYSTEM "http://127.0.0.1:9/p"> %p;]>',
    ],
    ids=["laughs", "system", "external", "parameter"],
)
def test_a_document_type_is_refused(doctype: str, tmp_path: Path) -> None:
    content = f"<?xml version='1.0'?>{doctype}{BODY.replace('Milk 1 l', '&l11;', 1)}".encode()
    assert "declares a document type" in outcome(content, "poslog.xml", SETTINGS, tmp_path)


def test_an_index_may_name_its_document_type_and_declare_nothing(tmp_path: Path) -> None:
    content = _changed_index('<!DOCTYPE DataSet [<!ENTITY x "y">]>')
    assert "declares entities" in outcome(content, "export.zip", SETTINGS, tmp_path)


def _changed_index(doctype: str) -> bytes:
    given = files((GOLDEN / "dsfinvk/export.zip").read_bytes(), "export.zip")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in given.items():
            text = content.decode()
            archive.writestr(name, text.replace('<!DOCTYPE DataSet SYSTEM "gdpdu-01-09-2004.dtd">', doctype))
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("<POSLog>" + "<a>" * 5_000 + "</a>" * 5_000 + "</POSLog>", "nested more than"),
        ("<POSLog><Transaction>" + "<a/>" * 300_000 + "</Transaction></POSLog>", "has more than 200,000 elements"),
        (f"<POSLog><Transaction><a>{'x' * (2 << 20)}</a></Transaction></POSLog>", "characters"),
        (f'<POSLog><Transaction a="{"x" * (20 << 20)}"/></POSLog>', "one of its tags has more than"),
    ],
    ids=["depth", "elements", "text", "attribute"],
)
def test_xml_beyond_what_a_till_writes(content: str, why: str, tmp_path: Path) -> None:
    said = outcome(content.encode(), "poslog.xml", SETTINGS, tmp_path)
    assert why in said


@pytest.mark.parametrize(
    "content",
    [
        b'{"orders": ' + b"[" * 200_000 + b"]" * 200_000 + b"}",
        b'{"orders": ' + b'{"a": ' * 200_000,
        b'[{"id": "x", "location_id": "L", "total_money": {"amount": 1' + b"0" * 10_000 + b"}}]",
        b'{"id": "' + b"x" * (10 << 20) + b'", "location_id": "L", "total_money": {}}',
        b'{"orders": [NaN, Infinity], "location_id": 1, "total_money": 1}',
        b'{"orders": 1, "orders": [{"id": "\\u0000"}], "location_id": 1, "total_money": 1}',
    ],
    ids=["lists", "objects", "digits", "line", "constants", "nul"],
)
def test_json_beyond_what_a_till_writes(content: bytes, tmp_path: Path) -> None:
    outcome(content, "orders.json", SETTINGS, tmp_path, "square")


def test_a_line_of_ten_megabytes_in_a_csv(tmp_path: Path) -> None:
    name = "items-2026-10-05-2026-10-07.csv"
    text = (GOLDEN / "square" / name).read_text("utf-8").replace("Banana bread", "x" * (11 << 20))
    outcome(text.encode(), name, SETTINGS, tmp_path)


def _zip(**entries: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return out.getvalue()


def test_an_archive_that_grows_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    path.write_bytes(_zip(**{"index.xml": b" " * (100 << 20)}))
    book = Case((), "EUR").book(tmp_path)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(DocumentError, match=r"export\.zip is refused: 'index\.xml' would unpack to 104,857,600 bytes"):
        taken(book, [path])
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 150_000
    assert book.documents() == []
    book.close()


@pytest.mark.parametrize("name", ["../index.xml", "/index.xml", "a\\..\\index.xml", "C:index.xml"])
def test_a_name_that_is_a_path_is_refused(name: str, tmp_path: Path) -> None:
    content = _zip(**{name: b"<DataSet/>", "index.xml": b"<DataSet/>"})
    said = outcome(content, "export.zip", SETTINGS, tmp_path)
    assert "is no plain name" in said or "holds" in said


def test_a_card_number_in_json_is_masked_and_its_json_stays_whole(tmp_path: Path) -> None:
    orders = json.loads((GOLDEN / "square/orders.json").read_text("utf-8"))
    orders["orders"][0]["ticket_name"] = "card 4111 1111 1111 1111"
    orders["orders"][0]["card"] = 4111111111111111
    path = tmp_path / "orders.json"
    path.write_text(json.dumps(orders), encoding="utf-8")
    book = Case(()).book(tmp_path)
    assert taken(book, [path]).posted == 9
    (record,) = book.documents()
    with documents.reading(book, record) as plain:
        kept = plain.read()
    assert record.masked == 2
    assert b"4111111111111111" not in kept
    assert b"411111******1111" in kept.replace(b" ", b"") or b"4111 11** **** 1111" in kept
    assert json.loads(kept)["orders"][0]["card"] == 4111110000001111
    book.close()
