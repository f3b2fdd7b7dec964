"""The Model Context Protocol, by its official client: over HTTP and over the standard streams of a process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import anyio
import httpx
import httpx2
import pytest
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError
from mcp_types import CallToolResult, TextContent, TextResourceContents

from tests.assistant.doors.conftest import KEY

TODAY = "2026-10-22"
QUESTION = {"question": "net sales at Downtown on 5 October 2026", "today": TODAY}
ACCEPT = {"accept": "application/json, text/event-stream"}
INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}},
}


@asynccontextmanager
async def over_http(address: str, key: str | None = None, mode: str = "auto") -> AsyncIterator[Client]:
    headers = {"authorization": f"Bearer {key}"} if key else {}
    async with (
        httpx2.AsyncClient(headers=headers, timeout=30) as http,
        Client(streamable_http_client(f"{address}/mcp", http_client=http), mode=mode) as client,
    ):
        yield client


@asynccontextmanager
async def over_stdio(book: Path) -> AsyncIterator[Client]:
    arguments = ["-m", "assistant.cli", "mcp", str(book)]
    async with Client(StdioServerParameters(command=sys.executable, args=arguments, env=dict(os.environ))) as client:
        yield client


def run(work: Callable[[], Awaitable[None]]) -> None:
    async def within() -> None:
        with anyio.fail_after(120):
            await work()

    anyio.run(within)


def text(result: CallToolResult) -> str:
    (content,) = result.content
    assert isinstance(content, TextContent)
    return content.text


async def given(client: Client, tool: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """What a tool gives as data; the client checks it against the tool's schema."""
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, text(result)
    found: dict[str, Any] = result.structured_content
    if tool != "ask":
        assert json.loads(text(result)) == found
    return found


async def refused(client: Client, tool: str, arguments: dict[str, Any]) -> str:
    result = await client.call_tool(tool, arguments)
    assert result.is_error
    return text(result)


async def walk(client: Client, link: str) -> None:
    """From a question down to the lines of its proof, as a program does it on whatever transport."""
    listed = (await client.list_tools()).tools
    assert [tool.name for tool in listed] == [
        "ask", "run_plan", "metrics", "names", "search_summaries", "open_citation", "statement", "verify_ticket",
    ]  # fmt: skip
    for tool in listed:
        assert tool.annotations is not None
        assert tool.annotations.read_only_hint
        assert tool.description
    result = await client.call_tool("ask", QUESTION)
    answer = result.structured_content
    assert answer["status"] == "answered"
    (cited,) = answer["citations"]
    assert f"[1]({link}{cited['ref']})" in text(result)
    proof = await given(client, "open_citation", {"token": cited["ref"]})
    assert proof["figure"]["value"] == answer["figures"][0]["value"] == proof["contributions_total"]
    assert sum(Decimal(one["amount"]) for one in proof["contributions"]) == Decimal(proof["contributions_total"])
    assert proof["contributions"][0]["locator"].startswith("row ")
    (read,) = (await client.read_resource(f"tillproof://citations/{cited['ref']}")).contents
    assert isinstance(read, TextResourceContents)
    assert json.loads(read.text)["figure"] == proof["figure"]


def test_over_stdio(till_book: Path) -> None:
    async def work() -> None:
        async with over_stdio(till_book) as client:
            await walk(client, "tillproof://citations/")
            assert "missing" in await refused(client, "ask", {"question": " "})

    run(work)


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_over_http(address: str, mode: str) -> None:
    async def work() -> None:
        async with over_http(address, mode=mode) as client:
            await walk(client, f"{address}/citations/")

    run(work)


def test_tools_give_what_the_book_has(address: str) -> None:
    async def work() -> None:
        async with over_http(address) as client:
            plan = {
                "metrics": ["net_sales"],
                "dimensions": ["store"],
                "period": {"start": "2026-10-05", "end": "2026-10-05"},
            }
            result = await given(client, "run_plan", plan)
            assert [row["key"] for row in result["rows"]] == [["Airport <b>Gate</b> 4"], ["Downtown"]]
            found = await given(client, "metrics", {})
            assert "net_sales" in [one["name"] for one in found["metrics"]]
            (resource,) = (await client.list_resources()).resources
            (read,) = (await client.read_resource(str(resource.uri))).contents
            assert isinstance(read, TextResourceContents)
            assert json.loads(read.text) == found
            (template,) = (await client.list_resource_templates()).resource_templates
            assert template.uri_template == "tillproof://citations/{token}"
            assert (await given(client, "names", {"dimension": "store", "search": "down"}))["names"] == ["Downtown"]
            assert (await given(client, "names", {"dimension": "item", "search": "scoen"}))["names"][0] == "Scone"
            every = await given(client, "names", {"dimension": "item", "limit": 2})
            assert (len(every["names"]), every["total"]) == (2, 7)
            wanted = {"kind": "trial-balance", "from": "2026-10-01", "to": "2026-10-31"}
            made = await given(client, "statement", wanted)
            assert made["agrees"]
            assert made["plan"]["period"]["end"] == "2026-10-31"
            verified = await given(client, "verify_ticket", {"ticket": "T-1005"})
            assert verified["holds"]
            assert verified["proof"]["external_id"] == "T-1005"

    run(work)


def test_summaries_are_found_by_meaning(address: str) -> None:
    async def work() -> None:
        async with over_http(address) as client:
            wanted = {
                "text": "how was trade",
                "stores": ["Downtown"],
                "from": "2026-10-17",
                "to": "2026-10-17",
                "limit": 3,
            }
            found = await given(client, "search_summaries", wanted)
            assert {one["store"] for one in found["summaries"]} == {"Downtown"}
            assert found["summaries"][0]["figures"][0]["url"].startswith("/citations/")
            assert "Nowhere" in await refused(client, "search_summaries", {"text": "x", "stores": ["Nowhere"]})

    run(work)


@pytest.mark.parametrize(
    ("tool", "arguments", "words"),
    [
        ("ask", {"question": "x" * 600}, "500"),
        ("ask", {}, "question"),
        ("ask", QUESTION | {"as_of": "99"}, "commit 99"),
        ("ask", QUESTION | {"sql": "drop"}, "sql"),
        ("run_plan", {"metrics": ["net_salez"]}, "net_salez"),
        ("run_plan", {"metrics": ["net_sales"], "dimensions": ["planet"]}, "dimensions.0"),
        ("open_citation", {"token": "nonsense"}, "not whole"),
        ("statement", {"kind": "trial-balance", "from": "2026-10-02", "to": "2026-10-01"}, "before it starts"),
        ("verify_ticket", {"ticket": "T-0"}, "T-0"),
        ("names", {"dimension": "store", "limit": 10_000}, "limit"),
    ],
)
def test_what_cannot_be_done_is_an_error_of_the_tool(
    address: str, tool: str, arguments: dict[str, Any], words: str
) -> None:
    async def work() -> None:
        async with over_http(address) as client:
            said = await refused(client, tool, arguments)
            assert words in said
            assert "\n" not in said

    run(work)


def test_what_is_not_there_is_an_error_of_the_protocol(address: str) -> None:
    async def work() -> None:
        async with over_http(address) as client:
            with pytest.raises(MCPError, match="no tool 'pay'"):
                await client.call_tool("pay", {})
            for uri in ("tillproof://citations/nonsense", "tillproof://elsewhere", "file:///etc/passwd"):
                with pytest.raises(MCPError):
                    await client.read_resource(uri)

    run(work)


def test_the_key_is_asked_for(locked: str) -> None:
    for headers in ({}, {"authorization": "Bearer wrong"}):
        got = httpx.post(f"{locked}/mcp", json=INITIALIZE, headers=ACCEPT | headers)
        assert (got.status_code, got.json()["error"]["code"]) == (401, "key_needed")

    async def work() -> None:
        async with over_http(locked, KEY) as client:
            await walk(client, f"{locked}/citations/")

    run(work)


def test_pages_elsewhere_are_refused(address: str) -> None:
    assert httpx.post(f"{address}/mcp", json=INITIALIZE, headers=ACCEPT).status_code == 200
    for headers in (
        {"origin": "http://evil.example"},
        {"sec-fetch-site": "cross-site"},
        {"origin": "null"},
        {"host": "evil.example"},
    ):
        assert httpx.post(f"{address}/mcp", json=INITIALIZE, headers=ACCEPT | headers).status_code in (400, 403)
        assert httpx.get(f"{address}/mcp", headers=ACCEPT | headers).status_code in (400, 403)


def test_ctrl_c_ends_it_though_its_input_stays_open(till_book: Path) -> None:
    program = [sys.executable, "-m", "assistant.cli", "mcp", str(till_book)]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as serving:
        assert serving.stdin is not None
        assert serving.stdout is not None
        serving.stdin.write(json.dumps(INITIALIZE).encode() + b"\n")
        serving.stdin.flush()
        assert b"tillproof" in serving.stdout.readline()
        serving.send_signal(signal.SIGINT)
        assert serving.wait(timeout=10) != 0


def test_there_is_no_stream_to_listen_to(address: str) -> None:
    for method in ("GET", "DELETE"):
        got = httpx.request(method, f"{address}/mcp", headers=ACCEPT, timeout=10)
        assert (got.status_code, got.headers["allow"]) == (405, "POST")


WITHOUT = "import sys; sys.modules['mcp'] = None\n"


def test_without_the_package_it_is_said_how_to_get_it(till_book: Path) -> None:
    program = f"""{WITHOUT}
sys.argv = ["tillproof", "mcp", {str(till_book)!r}]
from assistant.cli import main
main()
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "pip install 'tillproof[mcp]'" in done.stderr


def test_without_the_package_the_service_says_so_and_all_else_works(till_book: Path) -> None:
    program = f"""{WITHOUT}
from pathlib import Path
from fastapi.testclient import TestClient
from assistant.server.app import create_app
from assistant.service import Service
from assistant.settings import InstallationSettings
service = Service.open(Path({str(till_book)!r}), InstallationSettings())
with TestClient(create_app(service, InstallationSettings()), base_url="http://localhost") as client:
    got = client.post("/mcp", json={{}})
    print(got.status_code, got.json()["error"]["message"], client.get("/").status_code)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("404 ")
    assert "pip install 'tillproof[mcp]'" in done.stdout
    assert done.stdout.endswith(" 200\n")
