"""From a specification to SVG that stands in a page whose policy allows no script, style or address."""

from __future__ import annotations

from functools import lru_cache
from xml.etree import ElementTree

_SVG = "http://www.w3.org/2000/svg"
_KEPT = frozenset(
    [
        "class",
        "clip-path",
        "d",
        "display",
        "fill",
        "fill-opacity",
        "font-size",
        "font-weight",
        "height",
        "id",
        "opacity",
        "points",
        "r",
        "stroke",
        "stroke-dasharray",
        "stroke-linecap",
        "stroke-linejoin",
        "stroke-miterlimit",
        "stroke-opacity",
        "stroke-width",
        "text-anchor",
        "transform",
        "viewBox",
        "width",
        "x",
        "x1",
        "x2",
        "y",
        "y1",
        "y2",
        "cx",
        "cy",
        "rx",
        "ry",
    ]
)
_ELEMENTS = frozenset(["svg", "g", "path", "rect", "line", "circle", "text", "tspan", "defs", "clipPath"])


@lru_cache(maxsize=128)
def render(specification: str, title: str, description: str) -> str:
    """The SVG of a specification: drawn once and kept, for a page is looked at more often than its figures change."""
    import vl_convert  # starts a JavaScript engine: half a second at the first chart, and only then

    drawn = ElementTree.fromstring(  # noqa: S314 - made here, a moment ago
        vl_convert.vegalite_to_svg(specification, show_warnings=False, allowed_base_urls=[])
    )
    root = _clean(drawn)
    root.set("xmlns", _SVG)
    root.set("role", "img")
    root.set("aria-label", title)
    root.set("class", "chart-drawing")
    said = ElementTree.Element("desc")
    said.text = description
    named = ElementTree.Element("title")
    named.text = title
    root.insert(0, named)
    root.insert(1, said)
    return ElementTree.tostring(root, encoding="unicode")


def _clean(element: ElementTree.Element) -> ElementTree.Element:
    """A copy with nothing but shapes and text: no style, script, link or hidden element, and text in the page's
    font."""
    made = ElementTree.Element(element.tag.removeprefix(f"{{{_SVG}}}"))
    given = dict(element.attrib)
    for declaration in given.pop("style", "").split(";"):
        name, _, value = declaration.partition(":")
        given.setdefault(name.strip(), value.strip())
    for name, value in given.items():
        if name in _KEPT and name != "class" and "url(" not in value.replace("url(#", ""):
            made.set(name, value)
    made.text = element.text
    for child in element:
        name = child.tag.removeprefix(f"{{{_SVG}}}")
        invisible = child.get("opacity") == "0" or child.get("display") == "none" or child.get("d") == ""
        if name in _ELEMENTS and not invisible:
            made.append(_clean(child))
    return made
