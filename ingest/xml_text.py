"""XML documents as streams of elements, hardened: no document types, so no entities of their own and nothing fetched;
bounds on depth, on the size of a record and of a text.

This is what ``defusedxml`` adds to the standard library; its parser, expat, is used here itself, which also bounds what
entities may grow to. Names lose their namespace: documents of one standard use several for the same elements.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO
from xml.parsers import expat

from ledger.errors import DocumentError

CHUNK_BYTES = 1 << 16
DEPTH_MAX = 60
ELEMENTS_MAX = 200_000
"""Elements of one record."""
TEXT_CHARS_MAX = 1 << 20
NAMES_MAX = 10_000
TOKEN_BYTES_MAX = 1 << 20
"""Of one tag with its attributes, which is looked at again with every part that is read until it ends."""
_STEP = re.compile(r"^(?P<name>[^\[\]/@]+)(?:\[(?P<number>\d{1,9})\])?$")


@dataclass(slots=True)
class Element:
    """An element: its name without namespace, its attributes, its text and the elements in it, in order."""

    name: str
    attributes: dict[str, str]
    children: list[Element]
    text: str = ""

    def all(self, name: str) -> list[Element]:
        """The elements of a name directly in it."""
        return [one for one in self.children if one.name == name]

    def first(self, *names: str) -> Element | None:
        """The first element directly in it of any of some names, the names in order."""
        for name in names:
            for one in self.children:
                if one.name == name:
                    return one
        return None


class _Refused(Exception):
    pass


_NO_ATTRIBUTES: dict[str, str] = {}


class _Builder:
    """Builds the elements of one name below the root, one after the other, and lets go of all others."""

    def __init__(self, record: str) -> None:
        self.record = record
        self.root: str | None = None
        self.ready: list[Element] = []
        self._open: list[Element] = []
        self._depth = 0
        self._count = 0
        self._plain: dict[str, str] = {}

    def _name(self, name: str) -> str:
        """A name without its namespace; documents have few names, each many times."""
        found = self._plain.get(name)
        if found is None:
            found = name.rpartition(":")[2]
            if len(self._plain) < NAMES_MAX:
                self._plain[name] = found
        return found

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > DEPTH_MAX:
            raise _Refused(f"its elements are nested more than {DEPTH_MAX} deep")
        plain = self._name(name)
        inside = self._open
        if not inside:
            if self.root is None:
                self.root = plain
            if self._depth != 2 or plain != self.record:
                return
        self._count += 1
        if self._count > ELEMENTS_MAX:
            raise _Refused(f"one of its records has more than {ELEMENTS_MAX:,} elements")
        named = {self._name(key): said for key, said in attributes.items()} if attributes else _NO_ATTRIBUTES
        made = Element(plain, named, [])
        if inside:
            inside[-1].children.append(made)
        inside.append(made)

    def end(self, _: str) -> None:
        self._depth -= 1
        if self._open:
            done = self._open.pop()
            if done.text:
                done.text = done.text.strip()
            if not self._open:
                self.ready.append(done)
                self._count = 0

    def data(self, text: str) -> None:
        if self._open and (not text.isspace()):
            inside = self._open[-1]
            if len(inside.text) + len(text) > TEXT_CHARS_MAX:
                raise _Refused(f"one of its texts has more than {TEXT_CHARS_MAX:,} characters")
            inside.text += text

    def doctype(self, *_: object) -> None:
        raise _Refused("it declares a document type, as no till's export has to")

    def entity(self, *_: object) -> None:
        raise _Refused("it declares entities of its own")


def records(stream: BinaryIO, name: str, record: str, *, typed: bool = False) -> Iterator[tuple[str, Element]]:
    """The elements called ``record`` right below the root, each with its place, ``/Root/Record[3]``.

    ``typed`` documents may name a document type, which is not fetched, and declare nothing themselves. DocumentError
    says on which line it is no XML, or what of it is refused.
    """
    builder = _Builder(record)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    if not typed:
        parser.StartDoctypeDeclHandler = builder.doctype
    parser.EntityDeclHandler = builder.entity
    number = fed = 0
    while True:
        part = stream.read(CHUNK_BYTES)
        fed += len(part)
        try:
            parser.Parse(part, not part)
            if fed - parser.CurrentByteIndex > TOKEN_BYTES_MAX:
                raise _Refused(f"one of its tags has more than {TOKEN_BYTES_MAX:,} bytes")
        except expat.ExpatError as error:
            why = expat.ErrorString(error.code)
            raise DocumentError(f"{name} is no whole XML: {why} (line {error.lineno}); export it again") from None
        except _Refused as error:
            raise DocumentError(f"{name} is refused, line {parser.CurrentLineNumber}: {error}") from None
        except (ValueError, LookupError) as error:  # an encoding that there is not
            raise DocumentError(f"{name} cannot be read as XML: {error}") from None
        for one in builder.ready:
            number += 1
            yield f"/{builder.root}/{record}[{number}]", one
        builder.ready.clear()
        if not part:
            return


def at(stream: BinaryIO, name: str, path: str) -> tuple[Element, Sequence[Element], int]:
    """The element that a place points at, with its siblings of the same name and its number among them, from 1.

    KeyError where it points at nothing.
    """
    steps = [_STEP.match(step) for step in path.split("/")[1:]]
    if len(steps) < 2 or any(step is None for step in steps):
        raise KeyError(path)
    _, wanted, *inner = (step for step in steps if step is not None)
    beside: Sequence[Element] = ()
    found: Element | None = None
    number = int(wanted["number"] or 1)
    for place, element in records(stream, name, wanted["name"]):
        if place.endswith(f"[{number}]"):
            found = element
            break
    for step in inner:
        if found is None:
            break
        beside = found.all(step["name"])
        number = int(step["number"] or 1)
        found = beside[number - 1] if 0 < number <= len(beside) else None
    if found is None:
        raise KeyError(path)
    return found, beside, number


def fields(element: Element) -> dict[str, str]:
    """An element for a person: its attributes as ``@Name``, its text, and the same of the elements in it."""
    found = {f"@{key}": said for key, said in element.attributes.items()}
    if element.text:
        found["text"] = element.text
    counted: dict[str, int] = {}
    for one in element.children:
        counted[one.name] = counted.get(one.name, 0) + 1
        step = one.name if len(element.all(one.name)) == 1 else f"{one.name}[{counted[one.name]}]"
        for key, said in fields(one).items():
            found[step if key == "text" else f"{step}/{key}" if not key.startswith("@") else f"{step}{key}"] = said
    return found
