"""From a mark to its evidence, in the shell."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path

from claimtrace import dossier, marks
from claimtrace.check import require
from claimtrace.claims import load
from claimtrace.corpus import original, sha256
from claimtrace.dossier import Dossier
from claimtrace.errors import StudyError
from claimtrace.marks import Mark
from claimtrace.study import Study


def options(arguments: list[str]) -> dict[str, str]:
    """``--actor A --motive=B`` as a mapping.

    Raises:
        StudyError: an argument is no option with a value.
    """
    found, rest = {}, list(arguments)
    while rest:
        name, equals, value = rest.pop(0).partition("=")
        if not name.startswith("--") or len(name) < 3:
            raise StudyError(f"{name}: write --COLUMN VALUE")
        if not equals:
            if not rest:
                raise StudyError(f"{name}: needs a value")
            value = rest.pop(0)
        found[name[2:].replace("-", "_")] = value
    return found


def trace(
    study: Study, build: Path, figure: str, chosen: dict[str, str], coding: str = ""
) -> list[tuple[Mark, list[Dossier]]]:
    """The marks of a figure that have the chosen values, each with the dossiers of its claims.

    Args:
        coding: that was counted; empty: the one that the build is named after (``make CODING=...``), or else ``claims``. Ids of
            one coding name other claims in another.

    Raises:
        StudyError: nothing was built, no such figure, no such key or value.
    """
    coding = coding or (build.resolve().name if build.resolve().name in study.codings else "claims")
    tables = marks.read(build, load(study, coding))
    if figure not in tables:
        raise StudyError(f"{figure}: no such figure in {build}/figures; there are: {', '.join(tables)}")
    known = dossier.dossiers(study, coding)
    return [(mark, dossier.find(known, mark.claims)) for mark in marks.select(tables[figure], figure, chosen)]


def as_json(found: list[tuple[Mark, list[Dossier]]]) -> str:
    """Marks and dossiers as JSON."""
    rows = [
        {"mark": mark.key, **mark.values, "claims": [claim.as_dict() for claim in claims]} for mark, claims in found
    ]
    return json.dumps(rows, ensure_ascii=False, indent=2)


def as_text(found: list[tuple[Mark, list[Dossier]]]) -> str:
    """Marks and dossiers for a reader."""
    parts = []
    for mark, claims in found:
        values = ", ".join(f"{name} {value}" for name, value in mark.values.items())
        number = "1 claim" if len(claims) == 1 else f"{len(claims)} claims"
        parts += [f"{values}: {number}", *(_told(claim) for claim in claims)]
    return "\n\n".join(parts)


def show(study: Study, name: str, coding: str, originals: Path | None) -> str:
    """A claim with all that is known of it; with the originals its words there too, after a check of their hash.

    Raises:
        StudyError: no such claim; an original is missing or another; the words there are not the ones that were coded.
    """
    require(study, [coding])
    known = dossier.dossiers(study, coding)
    if name not in known:
        near = [other for other in known if other.startswith(name)] or [*known][:3]
        raise StudyError(f"{name}: no claim of the coding {coding}; ids are such as {', '.join(near[:3])}")
    told = _told(known[name])
    if originals is None:
        return told
    row = load(study, coding).set_index("claim_id").loc[name]
    text = original(study, originals, study.catalogue.at[row["article"], "original_file"])
    words = text[int(row["original_start"]) : int(row["original_end"])]
    if sha256(words) != row["original_sha256"]:
        raise StudyError(
            f"{name}: the words at its place in the original have another hash than {coding}.csv; run claimtrace audit"
        )
    return f"{told}\n  words there: {' '.join(words.split())} (SHA-256 as coded)"


def _told(claim: Dossier) -> str:
    lines = [f"{claim.claim}  {claim.statement}", f"article: {claim.title or claim.article}, {claim.published}"]
    lines += [f"says: {claim.says}", *(f"{name}: {label}" for name, (_, label) in claim.codes.items())]
    lines += [f"coded by: {', '.join(f'{name} ({own})' for name, own in claim.coders)}"] if claim.coders else []
    lines += ["decided: nothing, as both coders agree"] if len(claim.coders) == 2 and not claim.decisions else []
    lines += [f"decided: {d.variable}: {d.outcome()} ({d.rule}). {d.reason}" for d in claim.decisions]
    lines += [
        f"objected: {o.variable}: {o.outcome()}. {o.reason} {o.verdict.capitalize()}: {o.answer}"
        for o in claim.objections
    ]
    lines += [f"quote: {claim.quote}", f"passage {claim.passage}: {claim.text}", f"original: {claim.original}"]
    first, *rest = [textwrap.fill(line, 110, subsequent_indent="    ") for line in lines]
    return "\n".join([first, *(textwrap.indent(line, "  ") for line in rest)])
