"""Documents on paper on their pages and over the API: looked at, corrected, confirmed, rejected, reconciled."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import Browser, expect

from assistant.server.app import create_app
from assistant.server.security import CONTENT_SECURITY_POLICY
from assistant.service import Service
from assistant.settings import InstallationSettings
from ingest.pipeline import take
from ledger.book import Book
from tests.assistant.server.chromium import MARKS
from tests.assistant.server.conftest import served, watched
from tests.ingest.paper.papers import RECEIPT_US, US_BOOK
from tests.ingest.paper.printer import pdf

AT = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
MARKUP = "<script>alert(1)</script> bun"
DOUBTED = [line.replace("10/25/2026", "10/05/2026").replace("Apple pie                    4.25", f"{MARKUP}  4.25")
           for line in RECEIPT_US]  # fmt: skip
Z_REPORT = (
    "Harbour", "Z report no 7", "Date 2026-10-25 23:00", "Transactions 1", "Net sales 11.25", "Tax 0.90",
    "Total 12.15", "Cash 10.00", "Card 2.15",
)  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A book with a receipt that posted, one whose date is in doubt, one that does not add up, and a Z-report."""
    made = tmp_path_factory.mktemp("paper")
    book = Book.create_from(made / "book", US_BOOK)
    wrong = [line.replace("0042", "0044").replace("$12.15", "$99.15") for line in RECEIPT_US]
    files = [
        pdf(made / "sure.pdf", RECEIPT_US),
        pdf(made / "doubted.pdf", [line.replace("0042", "0043") for line in DOUBTED]),
        pdf(made / "wrong.pdf", wrong),
        pdf(made / "z.pdf", Z_REPORT),
    ]
    assert take(book, files, source=None, mapping=None, at=AT).posted == 1
    book.close()
    return made / "book"


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[TestClient]:
    service = Service.open(folder, InstallationSettings())
    with TestClient(create_app(service, InstallationSettings()), base_url="http://localhost") as made:
        yield made
    service.close()


def papers(client: TestClient) -> dict[str, dict[str, str]]:
    return {one["name"]: one for one in client.get("/api/v1/paper").json()["papers"]}


def fields(page: str) -> dict[str, str]:
    """What the form of a page would send as it stands."""
    found = {name: unescape(value) for name, value in re.findall(r'name="([^"]+)" value="([^"]*)"', page)}
    return found | {"kind": re.findall(r'<option value="(\w+)" selected', page)[0]}


def test_the_list_says_what_became_of_each(client: TestClient) -> None:
    listed = papers(client)
    assert {name: one["status"] for name, one in listed.items()} == {
        "sure.pdf": "posted",
        "doubted.pdf": "waiting",
        "wrong.pdf": "waiting",
        "z.pdf": "read",
    }
    page = client.get("/feeds/paper")
    assert page.text.index("wrong.pdf") < page.text.index("sure.pdf"), "what waits stands first"


def test_the_page_has_the_picture_with_boxes_and_the_fields(client: TestClient) -> None:
    document = papers(client)["doubted.pdf"]["document"]
    page = client.get(f"/feeds/paper/{document}")
    assert page.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    assert " style=" not in page.text
    assert "<script>alert" not in page.text
    assert fields(page.text)["line.2.name"] == MARKUP
    boxes = re.findall(r'id="(box-\d+)"', page.text)
    named = re.findall(r'data-box="(box-\d+)"', page.text)
    assert set(named) == set(boxes)
    picture = client.get(f"/feeds/paper/{document}/pages/1.png")
    assert (picture.headers["content-type"], picture.content[:4]) == ("image/png", b"\x89PNG")
    assert client.get(f"/feeds/paper/{document}/pages/2.png").status_code == 400


def test_a_correction_posts_and_a_wrong_one_names_the_difference(client: TestClient) -> None:
    document = papers(client)["doubted.pdf"]["document"]
    given = fields(client.get(f"/feeds/paper/{document}").text) | {"by": "Ada"}
    refused = client.post(f"/feeds/paper/{document}/confirm", data=given | {"total": "12.51"})
    assert refused.status_code == 400
    assert "The tenders and the total: 12.15 against 12.51, difference -0.36." in unescape(refused.text)
    assert fields(refused.text)["total"] == "12.51", "what was typed stays"
    assert papers(client)["doubted.pdf"]["status"] == "waiting"
    elsewhere = {"sec-fetch-site": "cross-site"}
    assert client.post(f"/feeds/paper/{document}/confirm", data=given, headers=elsewhere).status_code == 403
    done = client.post(f"/feeds/paper/{document}/confirm", data=given | {"date": "2026-10-05"}, follow_redirects=False)
    assert done.status_code == 303
    after = papers(client)["doubted.pdf"]
    assert (after["status"], after["sentence"]) == ("decided", "Ada confirmed doubted.pdf (/)")
    assert "Confirm <kbd>" not in client.get(f"/feeds/paper/{document}").text
    again = client.post(f"/api/v1/paper/{document}/reject", json={"by": "Grace", "reason": "twice"})
    assert again.status_code == 400


def test_a_z_report_is_reconciled_with_the_figures_of_its_day(client: TestClient) -> None:
    document = papers(client)["z.pdf"]["document"]
    told = client.get(f"/api/v1/paper/{document}").json()["reconciled"]
    totals = {one["label"]: (one["z_report"], one["tickets"], one["difference"]) for one in told["totals"]}
    assert totals == {
        "net": ("11.25", "11.25", "0.00"),
        "tax": ("0.90", "0.90", "0.00"),
        "total": ("12.15", "12.15", "0.00"),
        "paid by cash": ("10.00", "12.15", "2.15"),
        "paid by card": ("2.15", "0", "-2.15"),
        "transactions": ("1", "1", "0"),
    }
    assert "paid by cash 10.00 in the Z-report, 12.15 on tickets, difference 2.15" in told["sentence"]
    page = client.get(f"/feeds/paper/{document}").text
    proof = re.findall(r'href="(/citations/[^"]+)"', page)
    assert proof, "the side of the tickets opens to its proof"
    assert client.get(proof[0]).status_code == 200


def test_a_figure_of_a_receipt_opens_to_its_box(client: TestClient) -> None:
    document = papers(client)["sure.pdf"]["document"]
    opened = client.get(f"/documents/{document}?locator=page+1+box+672,1235,1378,1353")
    assert 'id="here"' in opened.text


@pytest.mark.browser
@MARKS[1]
def test_focus_marks_the_box_and_the_keyboard_confirms(folder: Path, browser: Browser) -> None:
    with served(folder) as address, watched(browser, address) as page:
        page.goto("/feeds/paper")
        page.get_by_role("link", name="wrong.pdf").click()
        total = page.locator("[name='total']")
        total.focus()
        marked = page.locator(".box.is-marked")
        expect(marked).to_have_attribute("id", total.get_attribute("data-box") or "")
        total.fill("12.15")
        page.locator("#by").fill("Grace")
        page.keyboard.press("Control+Enter")
        expect(page.locator("main")).to_contain_text("Grace confirmed wrong.pdf")
