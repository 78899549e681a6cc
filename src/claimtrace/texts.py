"""How every text file of a study is read: as UTF-8, and without what a reader cannot see or would take for something else."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

from claimtrace.errors import StudyError

#: Larger files are no tables, codebooks or digests that people made; they are refused before they are read.
MOST_BYTES = 64_000_000

#: Control characters, characters without width, marks that turn the direction of writing, private and broken characters.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff0-\ufffd"
    "\ue000-\uf8ff\U000e0000-\U000e0fff\U000f0000-\U0010ffff]"
    # Joiners are letters' companions in Persian, Arabic and Indian scripts, and have no business beside a Latin one.
    "|(?<=[A-Za-z0-9])[\u200c\u200d]|[\u200c\u200d](?=[A-Za-z0-9])"
)
#: White space that looks like a plain space and is not equal to one.
_ODD_SPACE = re.compile("[\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_WORD = re.compile(r"[^\W\d_]+")
#: Scripts with letters that look like Latin ones, by the first word of their letters' names.
_ALIKE = {"CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC", "LISU"}
#: Latin letters in disguise.
_DISGUISED = {"FULLWIDTH", "MATHEMATICAL", "DOUBLE-STRUCK", "SCRIPT", "CIRCLED", "PARENTHESIZED"}


def read_text(path: Path, missing: str = "") -> str:
    """The text of a file; a byte order mark is left out, every line end is a line feed.

    Args:
        missing: what to say where there is no such file.

    Raises:
        StudyError: there is no such file, it cannot be read, is too large, is not UTF-8, or holds a character that readers
            do not see.
    """
    try:
        if not path.is_file():
            raise StudyError(f"{path.name}: {missing or f'no such file in {path.parent.name or chr(46)}/'}")
        if path.stat().st_size > MOST_BYTES:
            raise StudyError(f"{path.name}: larger than {MOST_BYTES // 1_000_000} MB; it is no file of a study")
        text = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise StudyError(f"{path.name}: not UTF-8 at byte {error.start}; save it as UTF-8") from None
    except (OSError, ValueError) as error:
        raise StudyError(f"{path.name}: cannot be read: {getattr(error, 'strerror', None) or error}") from None
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if found := hidden(text):
        position, message = found
        line, start = text.count("\n", 0, position) + 1, text.rfind("\n", 0, position)
        raise StudyError(f"{path.name}, line {line}, character {position - start}: {message}")
    return text


def hidden(text: str) -> tuple[int, str] | None:
    """The first thing in a text that a reader cannot see or would take for something else: its position, and what it is."""
    if match := _UNSEEN.search(text):
        return match.start(), f"holds {_named(match[0])}, which readers do not see; remove it"
    if text.isascii():
        return None
    for match in _WORD.finditer(text):
        if not match[0].isascii() and (message := _alike(match[0])):
            return match.start(), message
    if not unicodedata.is_normalized("NFC", text):
        position = next(n for n, line in enumerate(text.split("\n")) if not unicodedata.is_normalized("NFC", line))
        start = sum(len(line) + 1 for line in text.split("\n")[:position])
        return start, "holds a letter written as two characters; save the file in composed form (NFC)"
    return None


def _named(character: str) -> str:
    return f"U+{ord(character):04X} ({unicodedata.name(character, 'a control character').lower()})"


def _script(letter: str) -> str:
    return unicodedata.name(letter, "").split(" ")[0]


def _alike(word: str) -> str:
    """What is wrong with a word that mixes scripts, or with letters that only look like others."""
    scripts = {_script(letter): letter for letter in sorted(set(word))}
    strange = _DISGUISED & set(scripts) or (_ALIKE & set(scripts) if len(scripts) > 1 else set())
    if not strange:
        return ""
    letter = scripts[min(strange)]
    return f"value {word[:40]!r} holds {_named(letter)}, which looks like another letter; type that letter"


def oddity(cell: str, one_script: bool = False) -> str:
    """What is wrong with the cell of a table that reads well and does not compare or export well; empty if nothing is.

    Args:
        one_script: whether the cell names something that is counted, so that letters of two scripts would make two of one.
    """
    if cell != cell.strip():
        return "begins or ends with white space; remove it"
    if match := _ODD_SPACE.search(cell):
        return f"holds {_named(match[0])}; use a plain space"
    # A dash alone stands for nobody, and a negative number is one.
    if cell[:1] in "=@+-" and cell and not re.fullmatch(r"-([0-9]+(\.[0-9]+)?(e-?[0-9]+)?)?", cell):
        return f"begins with {cell[0]!r}, so that a spreadsheet runs it as a formula; begin with another character"
    if len(cell) > MOST_CHARACTERS:
        return f"has {len(cell)} characters, and the limit is {MOST_CHARACTERS}; shorten it"
    if one_script and not cell.isascii():
        scripts = {_script(letter) for letter in cell if letter.isalpha()}
        if len(scripts) > 1 and scripts & _ALIKE:
            return "mixes letters of two scripts, so it will not match names that look the same; use one script"
    return ""


#: Characters that a cell may have; more is a slip of quotation marks or an attack.
MOST_CHARACTERS = 20_000
