"""From the bytes of a PDF or a picture to its pages: words with boxes, and a picture of each page.

A PDF's own text is taken (pdfplumber) where it can be seen: a page that is mostly a picture is read by Tesseract
instead, whatever invisible text lies over it, and a word that leaves no ink on the page is not there. This runs in a
process of its own (``ingest.paper.child``) under its limits; nothing of a PDF is executed.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby, islice
from pathlib import Path
from typing import Any

import pdfplumber
import pypdfium2
from PIL import Image, ImageFilter, ImageOps, UnidentifiedImageError

from ingest.paper import ocr
from ingest.paper.words import SCALE, Box, Page, Sheet, Word

PAGES_MAX = 20
PIXELS_MAX = 40_000_000
"""Of one picture, or of one page as it is drawn; a photo of a telephone has 12 to 50 million, halved when larger."""
WORDS_MAX = 20_000
SHOWN_PIXELS = 1_600
"""The longer side of the picture of a page that is kept to be shown."""
READ_PIXELS = 1_800
"""The longer side that a small picture is brought to for Tesseract, which wants capitals of some 20 pixels."""
READ_PIXELS_MAX = 3_600
"""The longer side that it gets no more than; a page of A4 at 300 dots an inch."""
CLEAR, TURNED_BELOW = 0.85, 0.6
"""How sure the words of a picture are, on average, that is tried in no other way; and below what it may lie on its
side."""
_POINTS_PER_INCH = 72
_SCAN_DPI = 300
_INK = 40
"""How much darker or lighter than what surrounds it a pixel of a word is, of 255."""
_QUARTERS = (Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_180, Image.Transpose.ROTATE_270)
_PICTURE_SHARE = 0.5
_OVERLAID_SHARE = 0.5
_LONG_SIDE_POINTS_MAX = 14_400


class Refused(Exception):
    """A document that is not read; the message goes on after its name."""


def read(path: Path, pictures: Path) -> Sheet:
    """All pages of a document; ``pictures`` is the folder that gets ``1.png``, ``2.png`` ... Raises Refused."""
    with path.open("rb") as file:
        is_pdf = b"%PDF-" in file.read(1024)
    try:
        pages = list(_pdf(path, pictures) if is_pdf else _photo(path, pictures))
    except ocr.Absent:
        raise Refused(
            "has to be read from its picture, and Tesseract, which does that, is not installed; install it (Debian: "
            "apt install tesseract-ocr) and take the document again"
        ) from None
    except ocr.TookTooLong:
        raise Refused(
            f"took Tesseract more than {ocr.SECONDS_MAX} seconds for one page; give a clearer picture"
        ) from None
    words = tuple(word for _, found in pages for word in found)
    if len(words) > WORDS_MAX:
        raise Refused(f"has {len(words):,} words, more than the {WORDS_MAX:,} of any receipt or invoice")
    if not words:
        raise Refused("shows no words that can be read; give a clearer picture")
    return Sheet(tuple(page for page, _ in pages), words)


# --- PDF --------------------------------------------------------------------------------------------------------


def _pdf(path: Path, pictures: Path) -> Iterator[tuple[Page, list[Word]]]:
    try:
        drawn = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        locked = "password" in str(error).lower()
        raise Refused(
            "is locked by a password; give it without one" if locked else "is a damaged PDF; export it again"
        ) from None
    try:
        if len(drawn) > PAGES_MAX:
            raise Refused(f"has {len(drawn):,} pages, more than {PAGES_MAX}; give its documents one by one")
        with pdfplumber.open(path) as texts:
            if len(texts.pages) != len(drawn):
                raise Refused("is a damaged PDF: its pages cannot be counted; export it again")
            for number, page in enumerate(texts.pages, start=1):
                yield _pdf_page(number, drawn[number - 1], page, pictures)
                page.close()
    except Refused:
        raise
    except (MemoryError, RecursionError, ocr.Absent, ocr.TookTooLong):
        raise
    except Exception as error:  # the PDF libraries raise what they like of damaged files
        raise Refused(f"is a damaged PDF ({type(error).__name__}); export it again") from None
    finally:
        drawn.close()


def _pdf_page(number: int, drawn: Any, page: Any, pictures: Path) -> tuple[Page, list[Word]]:
    width, height = drawn.get_size()
    if not 1 <= max(width, height) <= _LONG_SIDE_POINTS_MAX or min(width, height) < 1:
        raise Refused(f"has a page of {width:.0f} x {height:.0f} points, which is no paper")
    in_part = drawn.get_rotation() != 0 or drawn.get_cropbox() != drawn.get_mediabox()
    scanned = _picture_share(page) >= _PICTURE_SHARE or not page.chars or in_part or _overlaid(page)
    longer_max = READ_PIXELS_MAX if scanned else SHOWN_PIXELS
    scale = min(_SCAN_DPI / _POINTS_PER_INCH, longer_max / max(width, height))
    picture = drawn.render(scale=scale).to_pil().convert("L")
    if scanned:
        return _seen(number, picture, pictures)
    return _keep(number, picture, pictures, scanned=False), _printed(number, page, picture)


def _picture_share(page: Any) -> float:
    area = float(page.width * page.height)
    return max(
        (abs(one["x1"] - one["x0"]) * abs(one["bottom"] - one["top"]) / area for one in page.images), default=0.0
    )


def _printed(number: int, page: Any, picture: Image.Image) -> list[Word]:
    """The words that a page of a PDF holds and shows, by rows from the top."""
    found = page.extract_words(use_text_flow=False, keep_blank_chars=False, x_tolerance=1.5)
    # A page may be turned or begin elsewhere than at 0, 0; the picture shows the same part.
    left, top = float(page.bbox[0]), float(page.bbox[1])
    width, height = float(page.width), float(page.height)
    placed = []
    for one in found:
        box = _scaled(one["x0"] - left, one["top"] - top, one["x1"] - left, one["bottom"] - top, width, height)
        text = _printable(one["text"])
        if text and box is not None and _has_ink(picture, box):
            placed.append((text, box))
    placed.sort(key=lambda one: (one[1][1] + one[1][3], one[1][0]))
    row, centre, tall = -1, -1.0, 0
    rows = []
    for text, box in placed:
        middle = (box[1] + box[3]) / 2
        if row < 0 or middle - centre > max(tall, box[3] - box[1]) * 0.5:
            row, centre, tall = row + 1, middle, box[3] - box[1]
        rows.append((row, box, text))
    rows.sort(key=lambda one: (one[0], one[1][0]))
    return [Word(text, number, row, box, 1.0) for row, box, text in rows]


def _overlaid(page: Any) -> bool:
    """Whether a letter or digit lies over another one (a shadow is the same one): one of them cannot be seen, and
    which is for the picture to say."""
    by_left = sorted((one for one in page.chars if one["text"].isalnum()), key=lambda one: one["x0"])
    for place, one in enumerate(by_left):
        for other in islice(by_left, place + 1, None):
            if other["x0"] >= one["x1"]:
                break
            across = min(one["x1"], other["x1"]) - other["x0"]
            down = min(one["bottom"], other["bottom"]) - max(one["top"], other["top"])
            width, height = min(one["width"], other["width"]), min(one["height"], other["height"])
            if one["text"] != other["text"] and across > _OVERLAID_SHARE * width and down > _OVERLAID_SHARE * height:
                return True
    return False


def _has_ink(picture: Image.Image, box: Box) -> bool:
    """Whether a word can be seen: white on white, or nothing at all, cannot."""
    across, down = picture.width / SCALE, picture.height / SCALE
    part = picture.crop((int(box[0] * across), int(box[1] * down), int(box[2] * across) + 1, int(box[3] * down) + 1))
    darkest, lightest = part.getextrema()
    return bool(lightest - darkest >= _INK)  # type: ignore[operator]


def _scaled(x0: float, y0: float, x1: float, y1: float, width: float, height: float) -> Box | None:
    """A box in ten-thousandths of the page; None where it lies outside."""
    box = (round(x0 / width * SCALE), round(y0 / height * SCALE), round(x1 / width * SCALE), round(y1 / height * SCALE))
    inside = tuple(min(max(one, 0), SCALE) for one in box)
    if inside[0] >= inside[2] or inside[1] >= inside[3]:
        return None
    return (inside[0], inside[1], inside[2], inside[3])


# --- pictures ---------------------------------------------------------------------------------------------------


def _photo(path: Path, pictures: Path) -> Iterator[tuple[Page, list[Word]]]:
    Image.MAX_IMAGE_PIXELS = None  # the limit is ours, below, and says so in a sentence
    try:
        with Image.open(path, formats=("JPEG", "PNG", "TIFF")) as opened:
            frames = getattr(opened, "n_frames", 1)
            if frames > PAGES_MAX:
                raise Refused(f"has {frames:,} pages, more than {PAGES_MAX}; give its documents one by one")
            for number in range(1, frames + 1):
                opened.seek(number - 1)
                if opened.width * opened.height > PIXELS_MAX * 2:
                    raise Refused(f"is a picture of {opened.width:,} x {opened.height:,} pixels; give a smaller one")
                opened.draft("L", (opened.width // 2, opened.height // 2))
                picture = _upright(ImageOps.exif_transpose(opened))
                yield _seen(number, picture, pictures)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError) as error:
        raise Refused(f"is a damaged picture ({type(error).__name__}); take it again") from None


def _seen(number: int, picture: Image.Image, pictures: Path) -> tuple[Page, list[Word]]:
    upright, words = _recognised(number, picture, pictures)
    return _keep(number, upright, pictures, scanned=True), words


def _upright(picture: Image.Image) -> Image.Image:
    """A picture in shades of grey, on white where it is transparent."""
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        clear = picture.convert("RGBA")
        white = Image.new("RGBA", clear.size, "white")
        return Image.alpha_composite(white, clear).convert("L")
    return picture.convert("L")


def _recognised(number: int, picture: Image.Image, pictures: Path) -> tuple[Image.Image, list[Word]]:
    """The words of a picture by Tesseract, and the picture as it was read: upright.

    A picture that reads badly is tried without its specks, and then turned by quarters; the surest reading is taken.
    """
    best: tuple[float, Image.Image, list[Word]] = (-1.0, picture, [])
    clean = picture.filter(ImageFilter.MedianFilter(3))
    turns = [picture.transpose(turn) for turn in _QUARTERS]
    for place, tried in enumerate((picture, clean, *turns)):
        if place == 2 and best[0] >= TURNED_BELOW:
            break
        words = _read_once(number, tried, pictures)
        sure = sum(word.confidence * len(word.text) for word in words) / max(1, sum(len(word.text) for word in words))
        if sure > best[0]:
            best = (sure, tried if place >= 2 else picture, words)
        if sure >= CLEAR:
            break
    return best[1], best[2]


def _read_once(number: int, picture: Image.Image, pictures: Path) -> list[Word]:
    clear = ImageOps.autocontrast(picture, cutoff=1)
    longer = max(clear.size)
    factor = min(max(1.0, READ_PIXELS / longer), READ_PIXELS_MAX / longer)
    if factor != 1.0:
        clear = clear.resize((round(clear.width * factor), round(clear.height * factor)), Image.Resampling.LANCZOS)
    file = pictures / f"{number}-read.png"
    clear.save(file, dpi=(_SCAN_DPI, _SCAN_DPI), compress_level=1)
    seen = ocr.read(file)
    file.unlink()
    words = []
    for row, (_, line) in enumerate(groupby(seen, key=lambda one: one.line)):
        for one in line:
            left, top, right, bottom = one.box
            box = _scaled(left, top, right, bottom, clear.width, clear.height)
            text = _printable(one.text)
            if text and box is not None:
                words.append(Word(text, number, row, box, one.confidence))
    return words


def _printable(text: str) -> str:
    """A word without what cannot be printed: controls of terminals, of the direction of text, and the like."""
    return "".join(one for one in text if one.isprintable())


def _keep(number: int, picture: Image.Image, pictures: Path, *, scanned: bool) -> Page:
    """Keep the picture of a page to be shown."""
    shown = picture.copy()
    shown.thumbnail((SHOWN_PIXELS, SHOWN_PIXELS))
    shown.save(pictures / f"{number}.png", optimize=False)
    return Page(number, shown.width, shown.height, scanned)
