"""The ask page in a real browser: conversations, the reading as chips, suggestions, history, copies and votes; with the
keyboard alone, at phone width, in the dark, without a script, and as a screen reader is told of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, expect

from assistant.candidates import FILE
from tests.assistant.server.chromium import MARKS
from tests.assistant.server.conftest import watched
from tests.assistant.server.till import ENDLESS, FORMULA, MARKUP, STORES

pytestmark = MARKS

TODAY = "2026-10-22"
BY_STORE = f"/ask?q={quote('net sales by store in October')}&today={TODAY}"
TOP_ITEMS = f"/ask?q={quote('top 10 items in October 2026')}&today={TODAY}"


@pytest.fixture
def kept(till_book: Path) -> Iterator[Path]:
    path = till_book / FILE
    path.unlink(missing_ok=True)
    yield path
    path.unlink(missing_ok=True)


def ask(page: Page, question: str) -> None:
    """Type a question and press Enter, as whoever has the focus in the field does."""
    page.locator("#q").fill(question)
    page.keyboard.press("Enter")


def said(page: Page) -> str:
    return page.locator("#said").inner_text()


def focused(page: Page) -> str:
    """What has the focus, by its accessible name."""
    told: str = page.evaluate(
        "() => { const one = document.activeElement;"
        " return one.getAttribute('aria-label') || one.innerText || one.id || one.tagName }"
    )
    return " ".join(told.split())


def tab_to(page: Page, name: str) -> None:
    """Press Tab until something of a name has the focus."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if re.search(name, focused(page)):
            return
    raise AssertionError(f"Tab does not come to {name}; it ends at {focused(page)}")


# --- conversations ----------------------------------------------------------------------------------------------------


def test_a_question_goes_on_and_the_one_before_stays_above(page: Page) -> None:
    page.goto(f"/?today={TODAY}")
    page.keyboard.type("net sales by store last week")
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_contain_text("from 12 to 18 October 2026")
    ask(page, "and the week before?")
    expect(page.locator("#said")).to_contain_text("from 5 to 11 October 2026")
    ask(page, "only at Downtown")
    expect(page.locator("#said")).to_contain_text("at Downtown")
    earlier = page.locator("#earlier details")
    expect(earlier).to_have_count(2)
    expect(earlier.first.locator("summary")).to_have_text("net sales by store last week")
    expect(earlier.first.locator("p").first).to_be_hidden()
    earlier.first.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(earlier.first).to_contain_text("from 12 to 18 October 2026")
    earlier.first.locator("a.figure").first.click()  # an earlier figure has its proof, too
    expect(page.locator("main")).to_contain_text("Computed as")
    page.go_back()
    expect(page.locator("#said")).to_contain_text("at Downtown")
    expect(page.locator("#earlier details")).to_have_count(2)


def test_reload_back_and_forward_keep_the_conversation(page: Page) -> None:
    page.goto(f"/?today={TODAY}")
    ask(page, "net sales in October")
    expect(page.locator("#said")).to_contain_text("Net sales in October 2026 were")
    ask(page, "by store")
    expect(page.locator("#said")).to_contain_text("Net sales by store in October 2026")
    page.reload()  # the words "by store" alone would go on from themselves: the address has the plan
    expect(page.locator("#said")).to_contain_text("Net sales by store in October 2026")
    expect(page.locator("#earlier details")).to_have_count(1)
    page.go_back()
    expect(page.locator("#said")).to_contain_text("Net sales in October 2026 were")
    expect(page.locator("#earlier")).to_be_hidden()
    ask(page, "by cashier")  # goes on from what is shown now, not from what was asked last
    expect(page.locator("#said")).to_contain_text("Net sales by cashier in October 2026")
    page.go_back()
    page.go_forward()
    expect(page.locator("#said")).to_contain_text("Net sales by cashier in October 2026")
    expect(page.locator("#earlier details")).to_have_count(1)


def test_a_new_question_begins_anew(page: Page) -> None:
    page.goto(BY_STORE)
    ask(page, "only cash")
    expect(page.locator("#said")).to_contain_text("paid by cash")
    page.get_by_role("link", name="New question").click()
    expect(page.locator("#q")).to_be_focused()
    ask(page, "only cash")
    expect(page.locator("#answer article")).to_have_attribute("data-status", re.compile("abstained|clarify"))
    expect(page.locator("#earlier")).to_be_hidden()


def test_each_choice_says_what_it_would_give_and_where_that_comes_from(page: Page) -> None:
    page.goto("/ask?q=highest+sales+in+October&today=2026-10-22")
    first = page.locator(".choices > li").first
    expect(first.locator(".gives")).to_contain_text("tickets")
    figure = first.locator(".gives a").inner_text()
    first.locator(".gives a").click()
    expect(page.locator("main")).to_contain_text(figure)
    page.go_back()
    page.locator(".choices > li > a").first.click()
    expect(page.locator("#said")).to_contain_text(figure)


def test_names_with_markup_stay_text_in_earlier_turns(page: Page) -> None:
    page.goto(TOP_ITEMS)
    ask(page, "bottom 5 items in October")
    expect(page.locator("#said")).to_contain_text("Scone")
    earlier = page.locator("#earlier details")
    earlier.locator("summary").click()
    expect(earlier).to_contain_text(FORMULA)
    assert page.locator("#earlier script, #earlier b").count() == 0
    ask(page, f"net sales of {MARKUP}")
    expect(page.locator("#said")).to_contain_text(MARKUP)
    ask(page, "by store")
    expect(page.locator("#earlier summary").last).to_contain_text("<script>alert(1)</script>")
    assert page.locator("#earlier script, #earlier b, #history script, #history b").count() == 0


# --- the reading as chips ---------------------------------------------------------------------------------------------


def test_a_chip_is_changed_with_the_keyboard_alone(page: Page) -> None:
    page.goto(BY_STORE)
    tab_to(page, "^Period:")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Change: period")).to_be_visible()
    assert focused(page) == "← Earlier"
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Change: period")).to_be_hidden()
    assert focused(page).startswith("Period:")
    page.keyboard.press("Enter")
    tab_to(page, "^Last week$")
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_contain_text("from 12 to 18 October 2026")
    assert focused(page).startswith("Period: Oct 12, 2026")
    expect(page.locator("#earlier")).to_be_hidden()  # the same question, read otherwise
    expect(page.locator("#status")).to_contain_text("from 12 to 18 October 2026")
    address = page.url
    assert "plan=" in address
    assert "q=" not in address  # the words do not say this any more
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    table = download.value.path().read_text("utf-8-sig")
    assert table.splitlines()[0] == "store,net_sales"
    shown = said(page)
    page.go_back()
    expect(page.locator("#said")).to_contain_text("in October 2026")
    page.goto(address)
    assert said(page) == shown


def test_a_filter_is_added_found_and_removed(page: Page) -> None:
    page.goto(f"/ask?q={quote('net sales in October 2026')}&today={TODAY}")
    before = said(page)
    tab_to(page, r"^\+ Filter$")
    page.keyboard.press("Enter")
    panel = page.get_by_role("dialog", name="Add a filter")
    expect(panel.get_by_role("checkbox")).to_have_count(2)  # stores come first
    page.keyboard.type("Item")
    expect(panel.get_by_role("checkbox")).to_have_count(7)
    panel.get_by_label("Find or type a name").focus()
    page.keyboard.type("more and")
    expect(panel.get_by_role("checkbox")).to_have_count(1)
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    panel.get_by_label("Find or type a name").fill("flat")
    expect(panel.get_by_role("checkbox")).to_have_count(2)  # what is chosen stays
    panel.get_by_role("checkbox", name="Flat white").focus()
    page.keyboard.press("Space")
    panel.get_by_label("Find or type a name").fill("")
    panel.get_by_role("button", name="Apply").focus()
    page.keyboard.press("Enter")
    chip = page.get_by_role("button", name=re.compile("^Filter: item"))
    expect(chip).to_be_focused()
    expect(chip).to_contain_text("Flat white")
    expect(chip).to_contain_text("Everything and more")
    chip.press("Enter")
    page.get_by_role("button", name="Remove").press("Enter")
    expect(page.locator("#said")).to_have_text(before, use_inner_text=True)


def test_a_name_that_is_none_is_said_in_place(page: Page) -> None:
    page.goto(BY_STORE)
    page.get_by_role("button", name="+ Filter").click()
    page.get_by_label("Find or type a name").last.fill("Downtwon")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("The nearest are “Downtown”")
    expect(page.locator("#said")).to_contain_text("Net sales by store in October 2026")


def test_metric_split_comparison_rank_and_as_of_are_changed(page: Page) -> None:
    page.goto(f"/ask?q={quote('net sales by store last week')}&today={TODAY}")
    page.get_by_role("button", name="Metric: net sales").click()
    page.get_by_label("Metric", exact=True).select_option("transactions")
    page.get_by_role("dialog").get_by_role("button", name="Apply").click()
    expect(page.locator("#said")).to_contain_text("Transactions by store")
    page.get_by_role("button", name="+ More").click()
    page.get_by_role("button", name="The period before").click()
    expect(page.get_by_role("button", name="Compared with: against Oct 5, 2026")).to_be_visible()
    page.get_by_role("button", name="Split by: by store").click()
    page.get_by_role("dialog").get_by_role("combobox").select_option("cashier")
    page.get_by_role("dialog").get_by_role("button", name="Apply").click()
    expect(page.locator("#said")).to_contain_text("Transactions by cashier")
    page.get_by_role("button", name="+ More").click()
    page.get_by_label("Rows at most").fill("1")
    page.get_by_role("button", name="Order the rows").click()
    expect(page.get_by_role("button", name="Order: top 1 by transactions")).to_be_focused()
    page.get_by_role("button", name="+ More").click()
    page.get_by_label("As it was known at the end of").fill("2026-10-31")
    page.get_by_role("button", name="As known then").click()
    expect(page.locator("#said")).to_contain_text("As known on")
    expect(page.get_by_role("button", name=re.compile("^As known on: "))).to_be_focused()


def test_what_comes_next_is_one_press_away(page: Page) -> None:
    page.goto(f"/ask?q={quote('net sales in October')}&today={TODAY}")
    following = page.get_by_role("region", name="Ask next").get_by_role("link")
    expect(following).to_have_count(3)
    following.first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_contain_text("Net sales by store in October 2026")
    assert focused(page).startswith("Answer")
    expect(page.locator("#earlier summary")).to_have_text("net sales in October")


# --- suggestions ------------------------------------------------------------------------------------------------------


def test_names_are_completed_with_keys_alone(page: Page) -> None:
    page.goto(f"/?today={TODAY}")
    box = page.get_by_role("combobox", name="Your question")
    expect(box).to_be_focused()
    page.keyboard.type("net sales in October at down")
    options = page.get_by_role("listbox", name="Suggestions").get_by_role("option")
    expect(options.first).to_contain_text("Downtown")
    expect(box).to_have_attribute("aria-expanded", "true")
    expect(page.locator("#status")).to_have_text("1 suggestion")
    page.keyboard.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    expect(box).to_have_attribute("aria-activedescendant", "suggestion-0")
    page.keyboard.press("ArrowDown")  # past the last: what was typed
    expect(box).not_to_have_attribute("aria-activedescendant", re.compile("."))
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")  # takes it, and does not ask yet
    expect(box).to_have_value("net sales in October at Downtown ")
    expect(box).to_have_attribute("aria-expanded", "false")
    expect(page.locator("#answer article")).to_have_count(0)
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_contain_text("Net sales at Downtown in October 2026")


def test_suggestions_go_away_and_do_not_stand_in_the_way(page: Page) -> None:
    page.goto(f"/?today={TODAY}")
    page.keyboard.type("net sal")
    expect(page.locator("#suggestions")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#suggestions")).to_be_hidden()
    expect(page.locator("#q")).to_have_value("net sal")
    page.keyboard.type("e")
    expect(page.locator("#suggestions")).to_be_visible()
    page.locator("h1").click()
    expect(page.locator("#suggestions")).to_be_hidden()
    page.locator("#q").fill("net sales of bold")
    expect(page.locator("#suggestions")).to_contain_text("<script>alert(1)</script>")
    assert page.locator("#suggestions script, #suggestions b").count() == 0
    page.get_by_role("option", name=re.compile("alert")).click()
    expect(page.locator("#q")).to_have_value(f"net sales of {MARKUP} ")
    expect(page.locator("#q")).to_be_focused()


# --- history ----------------------------------------------------------------------------------------------------------


def test_the_last_questions_are_kept_found_and_cleared(page: Page) -> None:
    page.goto(f"/?today={TODAY}")
    expect(page.locator("#history")).to_be_hidden()
    for question in ("net sales in October", "transactions in October", "tips in October"):
        ask(page, question)
        expect(page.locator("#answer article")).to_have_attribute("data-title", question)
    page.goto("/")
    page.locator("#history summary").focus()
    page.keyboard.press("Enter")
    links = page.locator("#history-list a")
    expect(links).to_have_text(["tips in October", "transactions in October", "net sales in October"])
    page.get_by_role("searchbox", name="Find among your last questions").fill("transac")
    expect(links).to_have_count(1)
    links.first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_contain_text("Transactions in October 2026")
    page.locator("#history").evaluate("(one) => { one.open = true }")
    page.get_by_role("button", name="Clear").press("Enter")
    expect(page.locator("#history")).to_be_hidden()
    expect(page.locator("#q")).to_be_focused()
    assert page.evaluate("() => Object.keys(localStorage)") == []
    page.goto("/")
    expect(page.locator("#history")).to_be_hidden()


def test_history_is_bounded_and_a_broken_one_is_no_matter(page: Page) -> None:
    page.goto("/")
    book = page.locator("#ask").get_attribute("data-book")
    many = [{"title": f"question {n}", "address": f"/ask?q={n}", "reading": ""} for n in range(80)]
    page.evaluate("([key, kept]) => localStorage.setItem(key, kept)", [f"tillproof.history.{book}", json.dumps(many)])
    page.goto(BY_STORE)
    expect(page.locator("#history-list a")).to_have_count(50)
    expect(page.locator("#history-list a").first).to_have_text("net sales by store in October")
    for broken in ("{", "3", '[1, null, {"title": 1}, {"title": "x", "address": "javascript:alert(1)"}]'):
        page.evaluate("([key, kept]) => localStorage.setItem(key, kept)", [f"tillproof.history.{book}", broken])
        page.goto("/")
        expect(page.locator("#history")).to_be_hidden()


# --- copies and votes -------------------------------------------------------------------------------------------------


def test_answer_table_and_link_are_copied(browser: Browser, address: str) -> None:
    with watched(browser, address, permissions=["clipboard-read", "clipboard-write"]) as page:
        page.goto(TOP_ITEMS)

        def copied(what: str) -> str:
            page.get_by_role("button", name=f"Copy {what}").press("Enter")
            expect(page.locator("#status")).to_have_text(f"{what.capitalize()} copied")
            text: str = page.evaluate("() => navigator.clipboard.readText()")
            return text

        text = copied("answer")
        assert text.startswith("Net sales by item in October 2026")
        assert re.search(r"\$[\d.]+ \[1\]", text)
        proof = re.search(r"^\[1\] (http\S+)$", text, re.MULTILINE)
        assert proof is not None
        assert proof[1].startswith(f"{address}/citations/")
        table = copied("table").splitlines()
        assert table[0] == "item\tnet_sales"
        assert any(line.startswith(f"'{FORMULA}\t") for line in table)
        link = copied("link")
        assert "&c=" not in link
        shown = said(page)
        page.goto(link)
        assert said(page) == shown


def test_a_vote_with_its_reason_is_kept_without_leaving_the_page(page: Page, kept: Path) -> None:
    page.goto(BY_STORE)
    tab_to(page, "^No$")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="What was wrong?")).to_be_visible()
    page.keyboard.press("ArrowDown")  # the second reason
    page.keyboard.press("Tab")
    page.keyboard.type("gross was meant")
    page.keyboard.press("Enter")
    expect(page.locator("#vote")).to_contain_text("Thank you")
    expect(page.locator("#status")).to_contain_text("Thank you")
    expect(page.locator("#said")).to_contain_text("Net sales by store")
    (line,) = (json.loads(one) for one in kept.read_text("utf-8").splitlines())
    assert (line["question"], line["today"]) == ("net sales by store in October", TODAY)
    assert (line["vote"], line["reason"], line["note"]) == ("down", "misread", "gross was meant")
    assert line["plan"]["metrics"] == ["net_sales"]
    page.reload()
    page.get_by_role("button", name="Yes").press("Enter")
    expect(page.locator("#vote")).to_contain_text("Thank you")
    assert json.loads(kept.read_text("utf-8").splitlines()[1])["vote"] == "up"


# --- for everybody ----------------------------------------------------------------------------------------------------


def test_a_screen_reader_is_told_what_there_is(page: Page) -> None:
    page.goto(BY_STORE)
    tree = page.locator("main").aria_snapshot().replace("'", "")
    for line in (
        '- combobox "Your question": net sales by store in October',
        "- status",
        '- heading "Answer: net sales by store in October" [level=2]',
        '- region "How the question was read"',
        '- heading "Read as" [level=3]',
        '- button "Metric: net sales"',
        '- button "Split by: by store"',
        '- button "Period: Oct 1, 2026 – Oct 31, 2026"',
        '- button "+ Filter"',
        '- list "Show"',
        '- button "Copy table"',
        '- link "CSV"',
        '- region "Was this right?"',
        '- button "Yes"',
        '- region "Ask next"',
        '- link "proof 1"',
    ):
        assert line in tree, f"{line}\n{tree}"
    page.get_by_role("button", name="Metric: net sales").press("Enter")
    dialog = page.get_by_role("dialog", name="Change: metric")
    assert '- combobox "Metric"' in dialog.aria_snapshot()
    expect(page.get_by_role("button", name="Metric: net sales")).to_have_attribute("aria-haspopup", "dialog")
    page.keyboard.press("Escape")
    page.locator("#q").fill("net sales at down")
    page.locator("#q").press("Space")
    page.locator("#q").press("Backspace")
    expect(page.get_by_role("option")).to_have_count(1)
    assert '- option "Downtown store"' in page.get_by_role("listbox", name="Suggestions").aria_snapshot()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_panels_and_long_names_stay_on_the_page(browser: Browser, address: str, width: int, scheme: str) -> None:
    with watched(
        browser, address, viewport={"width": width, "height": 800}, color_scheme=scheme, has_touch=width < 500
    ) as page:
        page.goto(f"/ask?q={quote('net sales of ' + ENDLESS + ' by store')}&today={TODAY}")
        expect(page.get_by_role("button", name=re.compile("^Filter: item"))).to_be_visible()
        ask(page, "net sales by item in October")
        expect(page.locator("#said")).to_contain_text("Flat white")
        page.locator("#q").fill("net sales of x")
        page.locator("#q").press("x")
        expect(page.locator("#suggestions")).to_be_visible()
        assert page.locator("#suggestions").bounding_box()["width"] <= width  # type: ignore[index]
        page.keyboard.press("Escape")
        for details in ("#history", "#earlier details"):
            page.locator(details).first.evaluate("(one) => { one.open = true }")
        over = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert over <= 0
        for chip in page.locator("[popovertarget]").all():
            chip.scroll_into_view_if_needed()
            chip.click()
            panel = page.locator(f"#{chip.get_attribute('popovertarget')}")
            expect(panel).to_be_visible()
            box = panel.bounding_box()
            assert box is not None
            assert box["x"] >= 0, chip.inner_text()
            assert box["x"] + box["width"] <= width, chip.inner_text()
            assert box["y"] >= 0, chip.inner_text()
            assert box["y"] + box["height"] <= 801, chip.inner_text()
            assert panel.evaluate("(one) => one.scrollWidth - one.clientWidth") <= 0, chip.inner_text()
            dark = panel.evaluate("(one) => getComputedStyle(one).backgroundColor") != "rgb(255, 255, 255)"
            assert dark == (scheme == "dark")
            page.keyboard.press("Escape")
            expect(panel).to_be_hidden()


def test_everything_but_the_conveniences_is_there_without_a_script(browser: Browser, address: str, kept: Path) -> None:
    context = browser.new_context(base_url=address, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"/?today={TODAY}")
    expect(page.locator("#history")).to_be_hidden()
    expect(page.locator("#suggestions")).to_be_hidden()
    page.locator("#q").fill("net sales in October")
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_contain_text("Net sales in October 2026 were")
    page.locator("#q").fill("by store")
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_contain_text("Net sales by store in October 2026")
    page.get_by_role("button", name=re.compile("^Period:")).click()  # panels open without a script
    page.get_by_role("button", name="Last week").click()
    expect(page.locator("#said")).to_contain_text("from 12 to 18 October 2026")
    page.get_by_role("button", name="+ Filter").click()
    page.get_by_label("Find or type a name").last.fill(STORES[1].lower())
    page.get_by_role("dialog", name="Add a filter").get_by_role("button", name="Apply").click()
    expect(page.locator("#said")).to_contain_text(f"at {STORES[1]}")
    expect(page.get_by_role("button", name="Copy link")).to_be_hidden()
    page.get_by_role("button", name="No", exact=True).click()
    page.get_by_label("It took too long").check()
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#vote")).to_contain_text("Thank you")
    assert json.loads(kept.read_text("utf-8"))["reason"] == "slow"
    expect(page.locator("#said")).to_contain_text(f"at {STORES[1]}")
    page.get_by_role("region", name="Ask next").get_by_role("link").first.click()
    expect(page.locator("#answer article")).to_have_attribute("data-status", "answered")
    context.close()


def test_a_key_pressed_while_an_answer_comes_loses_nothing(page: Page) -> None:
    page.goto(f"/?today={TODAY}")
    page.locator("#q").fill("net sales in October")
    page.keyboard.press("Enter")
    ask(page, "transactions in October")  # the first is given up
    expect(page.locator("#said")).to_contain_text("Transactions in October 2026")
    page.wait_for_timeout(300)
    expect(page.locator("#said")).to_contain_text("Transactions in October 2026")
    expect(page.locator("#answer article")).to_have_count(1)
