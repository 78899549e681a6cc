"""All that is known of a claim: who says it, how it was coded and decided, where it stands in both editions."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from claimtrace import adjudication, claims, corpus, objections
from claimtrace.errors import StudyError
from claimtrace.evidence import claimant_label, locator
from claimtrace.study import Study


def _shown(cell: str) -> str:
    """A cell as it is read: with blanks between the items of a list, and not nothing."""
    return "; ".join(claims.split_cell(cell)) or "empty"


@dataclass(frozen=True)
class Decision:
    """A difference between two coders, or a claim that neither has, and what was decided."""

    variable: str
    first: str
    second: str
    decision: str
    rule: str
    reason: str

    def outcome(self) -> str:
        """What the coders gave and what was decided, in words."""
        first, second, decided = map(_shown, (self.first, self.second, self.decision))
        if self.variable == adjudication.CLAIM:
            who = "first coder only" if self.first else "second coder only" if self.second else "neither coder"
            return f"{who}: {decided}"
        return f"both {first}: {decided}" if first == second else f"{first} or {second}: {decided}"


@dataclass(frozen=True)
class Objection:
    """What a later reader objected to in a claim, and the answer."""

    variable: str
    value: str
    proposed: str
    reason: str
    verdict: str
    answer: str

    def outcome(self) -> str:
        """What stood there and what the reader proposed, in words."""
        return f"{_shown(self.value)}; proposed: {_shown(self.proposed)}"


@dataclass(frozen=True)
class Dossier:
    """A claim with its evidence; codes as they stand in the tables, with their labels beside them.

    Attributes:
        codes: variable to (code, label), for the variables that have a value.
        says: the claimant chain in words, innermost first.
        coders: the passes that have the claim, each with its id there; none where a coding was not made of two passes.
        decisions: differences between the coders; none where they agreed, or where there was one coder only.
        objections: of a later reader to the adjudicated claim.
        text: the digest passage, white space folded.
        quote: the part of it that states the claim.
        original: the locator in the original file.
    """

    claim: str
    statement: str
    article: str
    title: str
    published: str
    says: str
    codes: dict[str, tuple[str, str]]
    coders: tuple[tuple[str, str], ...]
    decisions: tuple[Decision, ...]
    objections: tuple[Objection, ...]
    passage: str
    text: str
    quote: str
    original: str

    def as_dict(self) -> dict:
        """The dossier as plain values, for JSON."""
        return asdict(self)


#: Variables that a dossier gives as codes; the others have places of their own.
CODES = ("claim_type", "scope", "subject", "target", "motive", "motive_polarity", "voice", "strength", "event_type", "attribution",
         "factuality_source", "factuality_author", "event_time", "period")  # fmt: skip


def dossiers(study: Study, coding: str = "claims") -> dict[str, Dossier]:
    """The dossier of every claim of a coding, by claim id."""
    table = claims.load(study, coding)
    texts = corpus.passages(study).set_index(["article", "passage"])["text"].to_dict()
    coders, decided = history(study) if coding == "claims" else ({}, {})
    objected = _objections(study) if coding == "claims" else {}
    return {
        row.claim_id: Dossier(
            claim=row.claim_id,
            statement=row.statement,
            article=row.article,
            title=study.catalogue.at[row.article, "title"],
            published=study.catalogue.at[row.article, "published_edtf"],
            says=claimant_label(row.claimant, row.article, study),
            codes={name: (cell, _label(study, name, cell)) for name in CODES if (cell := getattr(row, name))},
            coders=coders.get(row.claim_id, ()),
            decisions=tuple(decided.get(row.claim_id, ())),
            objections=tuple(objected.get(row.claim_id, ())),
            passage=row.passage,
            text=texts.get((row.article, row.passage), ""),
            quote=row.quote,
            original=locator(row, study),
        )
        for row in table.itertuples()
    }


def _label(study: Study, variable: str, cell: str) -> str:
    """A cell in words; free values stand for themselves. Labels may hold commas."""
    known = set(study.codebook.codes(variable))
    return "; ".join(
        study.codebook.label(variable, item) if item in known else item for item in claims.split_cell(cell)
    )


def history(study: Study) -> tuple[dict[str, tuple[tuple[str, str], ...]], dict[str, list[Decision]]]:
    """Claim id of the adjudicated coding to the passes that have the claim, and to what was decided about it; both empty where a
    study was not adjudicated."""
    if not (study.root / "coding" / "adjudication.csv").is_file():
        return {}, {}
    decided = adjudication.decisions(study)
    by_pair: dict[tuple[str, str], list[Decision]] = {}
    for row in decided.itertuples():
        found = Decision(row.variable, row.value_a, row.value_b, row.decision, row.rule, row.reason)
        by_pair.setdefault((row.claim_a, row.claim_b), []).append(found)
    passes = adjudication.Passes(study)
    origins = adjudication.origins(passes, decided)
    coders = {
        claim: tuple((name, own) for name, own in zip(passes.names, pair, strict=True) if own)
        for claim, pair in origins.items()
    }
    held = {claim: by_pair[pair] for claim, pair in origins.items() if pair in by_pair}
    return coders, held | _added(passes)


def _objections(study: Study) -> dict[str, list[Objection]]:
    """Claim id to the objections to it; those that a claim is missing are no objections to one."""
    table = objections.load(study)
    found: dict[str, list[Objection]] = {}
    for row in () if table is None else table[table["kind"] != "missing"].itertuples():
        told = Objection(row.variable, row.value, row.proposed, row.reason, row.verdict, row.answer)
        found.setdefault(row.claim_id, []).append(told)
    return found


def _added(passes: adjudication.Passes) -> dict[str, list[Decision]]:
    """Added claims to the objections that they answer, in order where a sentence has several of one type."""
    if passes.added.empty:
        return {}
    missing = objections.missing(objections.load(passes.study)).to_dict("records")
    found = {}
    for row in passes.added.itertuples():
        key = (row.article, row.sentence, row.claim_type)
        answered = next(o for o in missing if (o["article"], o["sentence"], o["variable"]) == key)
        missing.remove(answered)
        found[row.claim_id] = [Decision(adjudication.CLAIM, "", "", "added", answered["rule"], answered["answer"])]
    return found


def find(known: dict[str, Dossier], ids: tuple[str, ...]) -> list[Dossier]:
    """The dossiers of some claims.

    Raises:
        StudyError: an id is unknown, as after a change of the claims without a build.
    """
    for claim in ids:
        if claim not in known:
            raise StudyError(f"{claim}: no such claim in the coding; the build is older than the data: run make")
    return [known[claim] for claim in ids]
