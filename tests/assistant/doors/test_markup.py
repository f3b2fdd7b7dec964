"""Whatever a name from a document says, it is shown as text: in Markdown by a real parser, in Slack by its rules."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from assistant.ask.answer import Answer, Cited, CitedValue, Table
from assistant.doors import mrkdwn
from assistant.doors.linked import linked, service_address
from assistant.doors.markdown import markdown

PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
BASE = "http://127.0.0.1:8000"
names = st.one_of(
    st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1, max_size=40),
    st.text("![]()<>*_~`#|\\&;:/.-+=1 aw", min_size=1, max_size=40),
)


def answered(name: str) -> Answer:
    return Answer(
        status="answered",
        text=f"{name} with $1.00 [1]",
        reading=f"net sales, item {name}",
        choices=[name],
        figures=[CitedValue(label="net sales", value="1.00", unit="USD", citation=1)],
        citations=[Cited(id=1, kind="plan", ref="eN", url="/citations/eN")],
        table=Table(columns=["item", "net_sales"], rows=[[name, "1.00"], [name, "2.00"]]),
    )


def every(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from every(token.children or [])


def shown(text: str) -> str:
    """The text that a reader sees, without spaces."""
    return "".join(
        token.content
        for token in every(PARSER.parse(text))
        if token.type in ("text", "text_special", "code_inline") and not token.children
    ).replace(" ", "")


@given(names)
@example("![x](http://evil.example/a.png)")
@example("[1](http://evil.example)")
@example(" -")
@example("__a__")
@example("&lt;b&gt;")
@example("1. one")
@example("# head")
@example("a | b")
@example("```")
@example("--- x")
@example("<http://evil.example>")
@example("\\")
@example("_a_ *b* ~~c~~")
def test_a_name_is_text_in_markdown(name: str) -> None:
    if not name.strip() or re.search(r"\[\d+\]", name):
        return
    told = markdown(linked(answered(name), service_address(BASE), 10), None)
    tokens = list(every(PARSER.parse(told)))
    assert {token.attrGet("href") for token in tokens if token.type == "link_open"} == {f"{BASE}/citations/eN"}
    kinds = {token.type for token in tokens}
    assert not kinds & {"image", "html_inline", "html_block", "heading_open", "code_inline", "fence", "code_block"}
    assert not kinds & {"ordered_list_open", "blockquote_open", "hr", "s_open", "strong_open"}
    assert sum(token.type == "em_open" for token in tokens) == 1  # the reading
    assert sum(token.type == "tr_open" for token in tokens) == 3
    flat = "".join(name.split())
    assert shown(told).count(flat) >= 5


@given(names)
def test_a_name_is_text_in_slack(name: str) -> None:
    if not name.strip() or re.search(r"\[\d+\]", name):
        return
    message = mrkdwn.message(linked(answered(name), service_address(BASE), 10), in_channel=False, more_url=BASE)
    text = "\n".join(block["text"]["text"] for block in message["blocks"])
    links = re.findall(r"<([^>]*)>", text)
    assert links == [f"{BASE}/citations/eN|1", f"{BASE}/citations/eN|1.00"]
    without = re.sub(r"<[^>]*>", "", text)
    assert not re.search(r"[<>*~`]|&(?!amp;|lt;|gt;)", without)
    assert not re.search(r"(?<![^\W_])_|_(?![^\W_])", without)


@given(st.lists(st.text(min_size=1, max_size=3000), min_size=1, max_size=60))
def test_a_message_has_the_size_that_slack_takes(lines: list[str]) -> None:
    answer = Answer(status="answered", text="\n".join(lines))
    message = mrkdwn.message(linked(answer, service_address(BASE), 10), in_channel=False, more_url=BASE)
    assert len(message["blocks"]) <= 50
    assert all(len(block["text"]["text"]) <= 3000 for block in message["blocks"])
