"""The text of HTML pages and PDF files: paragraphs, one a line, without menus, scripts and line breaks of the layout.

Both readers are in the extra ``code`` and imported on first use. lxml (libxml2) reads any page in linear time and bounds how deep
it may nest; PDFium takes about three milliseconds for a page.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
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
        StudyError: lxml is not installed; the file is no page or holds no text.
    """
    try:
        from lxml import etree
        from lxml.html import HTMLParser, document_fromstring
    except ImportError:
        raise _missing("HTML", "lxml") from None
    parser = HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    try:
        tree = document_fromstring(decoded_page(raw).encode("utf-8", "replace"), parser=parser)
    except etree.ParserError:
        raise StudyError("holds no text") from None
    # The parser drops what is too deep: better to say so than to code half of a page.
    if any(error.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT for error in parser.error_log):
        raise StudyError("a page whose elements nest too deep")
    root = next((found[0] for name in ("main", "article") if len(found := list(tree.iter(name))) == 1), tree)
    text = _lines(_pieces(root))
    if not text:
        raise StudyError("holds no text")
    return text, _date(tree)


def _date(tree) -> str:
    found = {}
    for meta in tree.iter("meta"):
        for key in ("property", "name", "itemprop"):
            found.setdefault(meta.get(key, "").lower(), meta.get("content", ""))
    for name in DATES:
        if day := _DAY.match(found.get(name, "").replace("/", "-")):
            return day[0]
    return ""


def _pieces(root) -> Iterator[str]:
    """Texts of an element in reading order, with line ends around blocks."""
    from lxml import etree

    walk = etree.iterwalk(root, events=("start", "end"))
    for event, node in walk:
        if event == "start":
            if node.tag in LEFT_OUT or "hidden" in node.attrib:
                walk.skip_subtree()
                continue
            yield "\v" if node.tag == "br" else "" if node.tag in INLINE else "\n"
            yield _blanks(node.text)
        else:
            yield "" if node.tag in INLINE or node.tag == "br" else "\n"
            if node is not root:
                yield _blanks(node.tail)


def _blanks(text: str | None) -> str:
    """White space of the source means nothing, so that only blocks end lines."""
    return re.sub(r"\s+", " ", text or "")


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
