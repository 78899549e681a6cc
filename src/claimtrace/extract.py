"""The text of HTML pages and PDF files: paragraphs, one a line, without menus, scripts and line breaks of the layout.

Both readers are in the extra ``code`` and imported on first use. selectolax (lexbor) parses as browsers do, in linear time; PDFium
reads a page in about three milliseconds.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable
from statistics import median

from claimtrace.errors import StudyError

_LEFT_OUT = """script style noscript template nav aside footer form button select textarea svg math iframe object video audio
    canvas head menu dialog"""
_INLINE = """a abbr b bdi bdo cite code data del dfn em font i img ins kbd label mark q rp rt ruby s samp small span strong sub
    sup time tt u var wbr"""
#: Elements of a page that are no part of its text.
LEFT_OUT = frozenset(_LEFT_OUT.split())
#: Elements that stay within a line; all others begin and end one.
INLINE = frozenset(_INLINE.split())
#: Attributes of ``meta`` that hold a date of publication, the surest first.
DATES = ("article:published_time", "citation_publication_date", "dc.date", "dcterms.date", "datepublished", "date")
_CHARSET = re.compile(rb"""<meta[^>]{0,200}charset\s*=\s*["']?\s*([\w:.-]+)""", re.IGNORECASE)
_DAY = re.compile(r"\d{4}(?:-\d\d(?:-\d\d)?)?(?![\d-])")
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
#: PDFium gives this for a hyphen at the end of a line.
_HYPHEN = "\x02"
_SENTENCE_ENDS = (".", "!", "?", ":", "”", '"', ")", "…")


def decoded_page(raw: bytes) -> str:
    """A page as text: by its byte order mark, the encoding it names, UTF-8, else as browsers do, Windows-1252.

    Raises:
        StudyError: null bytes; it is no page.
    """
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            return raw.decode(encoding, "replace")
    if b"\0" in raw:
        raise StudyError("not a page: it holds null bytes")
    named = _CHARSET.search(raw, 0, 4096)
    choices = ["utf-8"]
    if named:
        choices.insert(0, named[1].decode("ascii", "replace").lower())
    for encoding in choices:
        # The standard reads these two as the superset of them that authors mean.
        encoding = "cp1252" if encoding in ("iso-8859-1", "ascii", "us-ascii", "latin1") else encoding
        try:
            return raw.decode(encoding)
        except (UnicodeError, LookupError):
            continue
    return raw.decode("cp1252", "replace")


def page(raw: bytes) -> tuple[str, str]:
    """Text and date of publication of an HTML page.

    The text is that of ``main`` or of the only ``article``, else of the whole body; one paragraph, heading, cell or item a line.

    Returns:
        The text, and the date (``YYYY-MM-DD`` or shorter) that the page gives of itself; empty where it gives none.

    Raises:
        StudyError: selectolax is not installed; the file is no page or holds no text.
    """
    try:
        from selectolax.lexbor import LexborHTMLParser
    except ImportError:
        raise _missing("HTML", "selectolax") from None
    tree = LexborHTMLParser(decoded_page(raw))
    root = next((found[0] for name in ("main", "article") if len(found := tree.css(name)) == 1), tree.body)
    text = _lines(_pieces(root)) if root is not None else ""
    if not text:
        raise StudyError("holds no text")
    return text, _date(tree)


def _date(tree) -> str:
    found = {}
    for meta in tree.css("meta[content]"):
        attributes = meta.attributes
        for key in ("property", "name", "itemprop"):
            found.setdefault((attributes.get(key) or "").lower(), attributes["content"] or "")
    for name in DATES:
        if day := _DAY.match(found.get(name, "").replace("/", "-")):
            return day[0]
    return ""


def _pieces(root) -> Iterable[str]:
    """Texts of an element in reading order, with line ends around blocks. A stack of its own: pages nest without bound."""
    stack = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, str):
            yield node
        elif node.is_text_node:
            # White space of the source means nothing, so that only blocks end lines.
            yield re.sub(r"\s+", " ", node.text_content or "")
        elif node.tag == "br":
            yield "\v"
        elif node.is_element_node and node.tag not in LEFT_OUT and "hidden" not in node.attributes:
            block = node.tag not in INLINE
            if block:
                yield "\n"
                stack.append("\n")
            child, children = node.child, []
            while child is not None:
                children.append(child)
                child = child.next
            stack += reversed(children)


def _lines(pieces: Iterable[str]) -> str:
    # One br is layout within a paragraph, several divide paragraphs.
    text = re.sub(r"\v *", " ", re.sub(r"\v *(?:\v *)+", "\n", "".join(pieces)))
    return "\n".join(line for raw in text.split("\n") if (line := " ".join(raw.split())))


def pdf(raw: bytes) -> str:
    """Text of a PDF file, its printed lines joined to paragraphs, one a line; hyphens at line ends undone.

    Raises:
        StudyError: pypdfium2 is not installed; the file is damaged, needs a password or holds no text (a scan).
    """
    try:
        from pypdfium2 import PdfDocument, PdfiumError
    except ImportError:
        raise _missing("PDF", "pypdfium2") from None
    try:
        document = PdfDocument(raw)
    except PdfiumError as error:
        raise StudyError(f"not a PDF file that can be read: {error}") from None
    try:
        text = "\n".join(paragraphs(_page_text(document, number)) for number in range(len(document)))
    except PdfiumError as error:
        raise StudyError(f"a damaged PDF file: {error}") from None
    finally:
        document.close()
    if not text.strip():
        raise StudyError("holds no text; a scan needs optical character recognition first")
    return text


def _page_text(document, number: int) -> str:
    leaf = document[number]
    words = leaf.get_textpage()
    try:
        return words.get_text_bounded()
    finally:
        words.close()
        leaf.close()


def paragraphs(text: str) -> str:
    """Printed lines joined: a paragraph ends at an empty line, or where a line that is clearly short ends a sentence."""
    lines = [line.strip() for line in text.replace("\ufffe", _HYPHEN).replace("\r\n", "\n").split("\n")]
    lengths = [len(line) for line in lines if line]
    usual = median(lengths) if lengths else 0
    made, current = [], ""
    for line in lines:
        current = f"{current} {line}" if current and line else current + line
        if not line or (len(line) < 0.8 * usual and line.endswith(_SENTENCE_ENDS)):
            made.append(current)
            current = ""
    joined = "\n".join(part for part in [*made, current] if part)
    return re.sub(f"{_HYPHEN} ?", "", joined)


def _missing(kind: str, package: str) -> StudyError:
    return StudyError(f"{kind} needs the package {package}, which is not installed: pip install 'claimtrace[code]'")
