"""Prints papers for the tests: text as a PDF (Courier, no library), as a picture, or as a picture in a PDF."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter, ImageFont

from ingest.paper.words import Page, Sheet, Word

FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf"
_LEADING = 14
_MARGIN = 40


def pdf(
    path: Path,
    *pages: Sequence[str],
    extra: bytes = b"",
    invisible: Sequence[str] = (),
    over: tuple[int, str] | None = None,
) -> Path:
    """A PDF whose pages hold lines of text; ``extra`` goes into its catalogue, ``invisible`` is printed in white, and
    ``over`` is printed over the line of that number."""
    objects = [b""] * 3
    kids = []
    for lines in pages:
        text = b"BT /F1 10 Tf %d TL %d 800 Td\n" % (_LEADING, _MARGIN)
        text += b"".join(b"(%s) Tj T*\n" % _escaped(line) for line in lines)
        if over is not None:
            place = (_MARGIN, 800 - over[0] * _LEADING, _escaped(over[1]))
            text += b"ET BT /F1 10 Tf %d TL %d %d Td (%s) Tj ET BT 40 400 Td %d TL\n" % (_LEADING, *place, _LEADING)
        text += b"1 1 1 rg\n" + b"".join(b"(%s) Tj T*\n" % _escaped(line) for line in invisible) + b"ET"
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(text), text))
        content = len(objects)
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R "
            b"/Resources << /Font << /F1 3 0 R >> >> >>" % content
        )
        kids.append(len(objects))
    objects[0] = b"<< /Type /Catalog /Pages 2 0 R %s >>" % extra
    objects[1] = b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(kids), b" ".join(b"%d 0 R" % one for one in kids))
    objects[2] = b"<< /Type /Font /Subtype /Type1 /BaseFont /Courier /Encoding /WinAnsiEncoding >>"
    out, offsets = bytearray(b"%PDF-1.4\n"), []
    for number, one in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, start)
    path.write_bytes(bytes(out))
    return path


def picture(
    lines: Sequence[str], *, size: int = 28, turned: float = 0.0, noise: int = 0, grey: int = 255
) -> Image.Image:
    """Lines as a photo of them would show: ``turned`` in degrees, ``noise`` in specks a thousand pixels."""
    font = ImageFont.truetype(FONT, size)
    width = int(max(font.getlength(line) for line in lines)) + 4 * size
    made = Image.new("L", (width, int(len(lines) * size * 1.5) + 4 * size), grey)
    draw = ImageDraw.Draw(made)
    for number, line in enumerate(lines):
        draw.text((2 * size, 2 * size + number * size * 1.5), line, font=font, fill=20)
    if turned:
        made = made.rotate(turned, resample=Image.Resampling.BICUBIC, expand=True, fillcolor=grey)
    chance = random.Random(1)
    for _ in range(made.width * made.height * noise // 1000):
        made.putpixel((chance.randrange(made.width), chance.randrange(made.height)), chance.randrange(256))
    return made.filter(ImageFilter.GaussianBlur(0.6)) if noise else made


def _escaped(line: str) -> bytes:
    return line.encode("cp1252").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")


def sheet(lines: Sequence[str], confidence: float = 1.0) -> Sheet:
    """Lines as a page gives them, without printing: each character is a hundredth of the page wide."""
    words = [
        Word(found[0], 1, row, (100 * found.start(), 200 * row, 100 * found.end(), 200 * row + 150), confidence)
        for row, line in enumerate(lines)
        for found in re.finditer(r"\S+", line)
    ]
    return Sheet((Page(1, 1000, 1000, confidence < 1),), tuple(words))
