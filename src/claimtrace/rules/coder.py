"""From a sentence to proposed claims: who wants, fears, does or demands what, and who says so.

A motive is proposed where the scorecard of :mod:`claimtrace.rules.points` reaches its threshold, an act where its words have a
subject, and where neither is found but the sentence is about an actor, a statement of the type that its words hint at. A proposal says which rule fired, on which words, and with how many points. The same text and the same rules give the
same proposals.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

import pandas as pd

from claimtrace.claims import COLUMNS
from claimtrace.corpus import blocks, sentence_spans, sha256
from claimtrace.rules.lexicon import Hit, longest
from claimtrace.rules.points import NOTHING, Scorecard, Tie
from claimtrace.rules.qualify import Figure, When, times
from claimtrace.rules.rulebook import Rulebook
from claimtrace.rules.sentence import NEAR, Context, Holder, Sentence

#: Columns of a proposal: those of a claim, the rule that fired, and the words it matched with their offsets.
PROPOSED = [*COLUMNS, "rule", "words", "points"]
#: Longer sentences are cut at white space: a text without full stops must not be one sentence.
LIMIT = 2000
#: Claims of a sentence at most: no sentence that is prose holds as many.
MOST = 60
#: Mentions of earlier sentences that may still be what a sentence is about.
LAST = 4
_YEAR = re.compile(r"\b(1[5-9]\d\d|20\d\d)\b")
_EMPTY = dict.fromkeys(PROPOSED, "")


def acts(sentence: Sentence) -> list[tuple[Hit, tuple[str, ...], tuple[str, ...]]]:
    """Acts with their subjects and targets; only where the subject stands in the sentence."""
    found = []
    hits = sentence.scan.of("act")
    for hit in longest(hits) if hits and sentence.named else ():
        doer, sufferer = sentence.doer(hit.start, hit.end)
        # "Plans to build": what is planned, asked for or refused is no act of its own.
        of_another = bool(found) and hit.start <= found[-1][0].end + 1
        if doer is not None and not of_another:
            target = sufferer.actors if sufferer is not None else sentence.toward(hit.end, doer.actors)
            found.append((hit, doer.actors, target))
    return found


def claimant(sentence: Sentence) -> tuple[str, str]:
    """Who says what a sentence says: the innermost claimant and how the author takes it; empty for the author.

    Returns:
        Actor id, and neutral, endorsing, distancing or nobody (an agentless report).
    """
    low, names = sentence.low, sentence.rules.names
    speech = sentence.scan.of("speech")
    for hit in longest(speech) if speech else ():
        manner = str(hit.value)
        if low[hit.start] == "according":
            speaker = _speaker(sentence, range(hit.end, min(hit.end + 5, len(low))), oblique=True)
        else:
            nearest = range(hit.start - 1, max(hit.start - NEAR, 0) - 1, -1)
            speaker = _speaker(sentence, nearest) or _speaker(sentence, range(hit.end, min(hit.end + 3, len(low))))
            if not speaker and hit.start and low[hit.start - 1] in sentence.rules.words["subject"]:
                speaker = sentence.context.speaker[0]
        if speaker:
            return speaker, manner
    if sentence.scan.of("media") and names.get("media"):
        return names["media"], "distancing"
    if sentence.scan.of("nobody"):
        return names["unnamed"], "nobody"
    return "", ""


def _speaker(sentence: Sentence, places: Iterable[int], oblique: bool = False) -> str:
    """The first mention that can speak and, unless ``oblique``, stands after no preposition."""
    kinds, book = sentence.rules.own["attribution"], sentence.rules.book
    for place in places:
        for actor in sentence.words[place].actors:
            if book.actor_type(actor) in kinds and (oblique or not sentence.oblique(place)):
                return actor
    return ""


def factuality(sentence: Sentence, at: int) -> str:
    """FactBank value of what stands at a word, from the hedges of its clause; CT+ where there are none."""
    hedges = sentence.scan.of("hedge")
    if not hedges:
        return "CT+"
    hard, text, starts = sentence.hard, sentence.text, sentence.scan.starts
    values = {
        str(hit.value)
        for hit in hedges
        # "May" within a sentence is the month.
        if hard[hit.start] == hard[at] and (hit.start == 0 or not text.startswith("May", starts[hit.start]))
    }
    return next((value for value in ("Uu", "PR-", "PS+", "PR+") if value in values), "CT+")


def negated(sentence: Sentence, at: int) -> bool:
    """Whether a word of negation stands shortly before a word, in its soft clause."""
    hits = sentence.scan.of("negation")
    return any(hit.end <= at <= hit.end + 4 and sentence.soft[hit.start] == sentence.soft[at] for hit in hits)


class Told(NamedTuple):
    """What holds for all claims of a sentence: who says so and in which manner, when, with which figures, published when (EDTF)."""

    speaker: str
    manner: str
    dated: list[When]
    figures: list[Figure]
    published: str


class Coder:
    """Proposes claims.

    Args:
        rules: a compiled rulebook; many texts may share it.
    """

    def __init__(self, rules: Rulebook):
        self.rules = rules
        self.card = Scorecard(rules)
        #: Claim type of a sentence about an actor in which no other rule fires; empty: no claim is proposed there.
        self.states = rules.names.get("statement", "")
        self.types = {code: n for n, code in enumerate(rules.book.codes("claim_type"))}

    def passage(
        self,
        text: str,
        spans: list[tuple[str, int, int]],
        *,
        article: str,
        passage: str,
        published: str = "",
        context: Context | None = None,
    ) -> tuple[list[dict], Context]:
        """Proposals for the sentences of a passage, in order.

        Args:
            spans: sentence id, start and end of each sentence.
            published: EDTF of the publication; empty where not known.
            context: what the passage before left behind.

        Returns:
            One mapping of :data:`PROPOSED` a proposal, every value text; what this passage leaves behind.
        """
        context, found = replace(context or Context(), fresh=True), []
        day = re.split(r"[/~.]", published)[0]
        for name, start, end in spans:
            year = _YEAR.search(text, start, end)
            sentence = Sentence(text, start, end, self.rules, context, year[0] if year else day)
            said = claimant(sentence)
            rows = self._claims(sentence, said, day)
            for number, row in enumerate(rows, 1):
                key = f"{article}.{name}.c{number}"
                row |= {"claim_id": key, "prop_id": key, "article": article, "passage": passage, "sentence": name}
            found += rows
            context = sentence.leaves(said)
        return found, context

    def _claims(self, sentence: Sentence, said: tuple[str, str], published: str) -> list[dict]:
        if not sentence.scan.mentions and not sentence.context.subject:
            return []
        motives, done = self.card.motives(sentence), acts(sentence)
        about = sentence.about() if self.states and not motives and not done else None
        if not motives and not done and not about:
            return []
        speaker, manner = said
        if not speaker and sentence.context.speaker[0]:
            speaker, manner = sentence.context.speaker
        place, numbers = (sentence.text, sentence.start, sentence.end), self.rules.english["numbers"]
        dated = times(*place, published, numbers, self.rules.dates, sentence.tokens)
        figures = self.rules.figures.find(*place, dated) if self.rules.figures.may(*place, sentence.tokens) else []
        told = Told(speaker, manner, dated, figures, published)
        rows = [self._motive(sentence, tie, points, told) for points, tie in motives]
        taken = {row["subject"] + row["event_type"] for row in rows if row["event_type"]}
        for hit, subject, target in done:
            if ";".join(subject) + str(hit.value) not in taken:
                rows.append(self._act(sentence, hit, subject, target, told))
        if about:
            rows.append(self._statement(sentence, about, told))
        return rows[:MOST]

    def _motive(self, sentence: Sentence, tie: Tie, points: int, told: Told) -> dict:
        book, names, hits = self.rules.book, self.rules.names, [tie.indicator]
        if tie.trigger is not NOTHING:
            hits.insert(0, tie.trigger)
        made = self.rules.constructions.get(tie.trigger.value)
        kind, against = (made.type, made.against) if made else ("INTEREST", False)
        code, first = str(tie.indicator.value), hits[0].start
        target, dealing = self._toward(sentence, tie, hits[0].end)
        # For or against is asked of dealings with the focal actor; of others the text seldom says it.
        direction = "unclear" if not dealing else "brake" if against else "drive"
        if any(negated(sentence, hit.start) for hit in hits):
            direction = "denied"
        span = sentence.span(min(hit.start for hit in hits), max(hit.end for hit in hits))
        row = self._common(sentence, tie.holder.actors, target, first, span, told)
        rule = f"{tie.trigger.value}: {tie.trigger.phrase} + " if made else ""
        return row | {
            "claim_type": kind,
            "statement": f"{_named(book, tie.holder.actors)}: {book.phrase('motive', code)}",
            "motive": code,
            "motive_polarity": names[direction],
            "voice": self._voice(row),
            "strength": "explicit",
            "event_type": names.get("request", "") if kind == "DEMAND" else "",
            "rule": f"{rule}{code}: {tie.indicator.phrase} = {points} points",
            "words": sentence.shown(*hits),
            "points": str(points),
        }

    def _toward(self, sentence: Sentence, tie: Tie, after: int) -> tuple[tuple[str, ...], bool]:
        """Toward whom a motive is held, and whether that is the focal actor: it is where the sentence names it and it is not the holder,
        as the study asks for motives in dealing with it; else the parties after a word."""
        book, focus = self.rules.book, self.rules.study.focus
        target = tuple(actor for actor in sentence.parties(after) if actor not in tie.holder.actors)
        if focus in map(book.roll_up, tie.holder.actors):
            return target, False
        if focus in map(book.roll_up, target):
            return target, True
        named = any(book.roll_up(sentence.words[place].actors[0]) == focus for place in sentence.scan.mentions)
        return ((focus,), True) if named else (target, False)

    def _act(self, sentence: Sentence, hit: Hit, subject, target, told: Told) -> dict:
        book = self.rules.book
        row = self._common(sentence, subject, target, hit.start, sentence.span(hit.start, hit.end), told)
        if row["factuality_source"] == "CT+" and negated(sentence, hit.start):
            author = "CT-" if row["factuality_author"] == "CT+" else row["factuality_author"]
            row |= {"factuality_source": "CT-", "factuality_author": author}
        close = [f for f in told.figures if sentence.hard[hit.start] == _clause(sentence, f.start)]
        return row | {
            **_figure(close, sentence.scan.starts[hit.start]),
            "claim_type": "ACTION",
            "statement": f"{_named(book, subject)}: {book.phrase('event_type', str(hit.value))}",
            "event_type": str(hit.value),
            "rule": f"act: {hit.value}: {hit.phrase}",
            "words": sentence.shown(hit),
        }

    def _statement(self, sentence: Sentence, about: Holder, told: Told) -> dict:
        """What is said of an actor in no words of a motive or an act: the sentence itself, of the type that its words hint at."""
        book, at = self.rules.book, about.start
        hits = sentence.scan.of("statement")
        first = min(hits, key=lambda hit: self.types[hit.value], default=None)
        kind = str(first.value) if first else self.states
        shown = [Hit(about.start, about.end, "actor", ""), *([first] if first else [])]
        target = sentence.toward(about.end, about.actors)
        row = self._common(sentence, about.actors, target, at, sentence.span(0, len(sentence.words)), told)
        return row | {
            **_figure(told.figures, sentence.scan.starts[at]),
            "claim_type": kind,
            "statement": f"{_named(book, about.actors)}: {book.phrase('claim_type', kind)}",
            "rule": f"statement: {kind}" + (f": {first.phrase}" if first else ""),
            "words": sentence.shown(*sorted(shown, key=lambda hit: hit.start)),
        }

    def _common(self, sentence: Sentence, subject, target, at, span, told: Told) -> dict:
        rules, names, (speaker, manner, dated, _, published) = self.rules, self.rules.names, told
        source = factuality(sentence, at)
        chain = [names["author"], speaker] if speaker else [names["author"]]
        of_author = {"neutral": "Uu", "endorsing": "CT+", "distancing": "PS+", "nobody": "PS+"}.get(manner, source)
        kind = rules.own["attribution"].get(rules.book.actor_type(chain[-1]), "")
        when = next((w.edtf for w in dated if sentence.hard[at] == _clause(sentence, w.start)), "")
        if not when and len(dated) == 1:
            when = dated[0].edtf
        start, end = span
        raw = sentence.text[start:end]
        return _EMPTY | {
            "subject": ";".join(subject),
            "target": ";".join(target),
            "scope": self._scope(sentence, subject, target),
            "factuality_source": source,
            "factuality_author": of_author if speaker else source,
            "claimant": ";".join(chain),
            "attribution": names["author"] if not speaker else kind,
            "event_time": when,
            "period": self._period(sentence, when, published),
            "quote": " ".join(raw.split()),
            "original_start": str(start),
            "original_end": str(end),
            "original_sha256": sha256(raw),
        }

    def _voice(self, row: dict) -> str:
        """As the codebook has it: whose words they are, seen from the subject."""
        book, innermost = self.rules.book, row["claimant"].split(";")[-1]
        if innermost == self.rules.names["author"]:
            return "IMPUTED"
        subjects = set(row["subject"].split(";"))
        own = subjects | {book.roll_up(actor) for actor in subjects}
        return "SELF" if {innermost, book.roll_up(innermost)} & own else "REPORTED"

    def _scope(self, sentence: Sentence, subject: tuple[str, ...], target: tuple[str, ...]) -> str:
        """With the focal actor where it is a party; else as words of a scope say; else with it where it is named in the sentence or
        was what the sentence before spoke of; else another."""
        rules, before = self.rules, sentence.context

        def focal(actors: Iterable[str]) -> bool:
            return any(rules.book.roll_up(actor) == rules.study.focus for actor in actors)

        if focal((*subject, *target)):
            return rules.names["focus_scope"]
        if hits := sentence.scan.of("scope"):
            return str(hits[0].value)
        named = (sentence.words[place].actors[0] for place in sentence.scan.mentions)
        near = focal(named) or focal(before.subject) or focal(before.mentioned[-LAST:])
        return rules.names["focus_scope" if near else "other_scope"]

    def _period(self, sentence: Sentence, when: str, published: str) -> str:
        rules = self.rules
        if not when and sentence.scan.of("future"):
            return rules.names["future"]
        years = re.findall(r"\d{3,4}[\dX]?(?:-\d\d)*", when)
        day = (years[-1].replace("X", "9") if years and not when.endswith("/..") else "") or published or "9999"
        return next((p["code"] for p in rules.own["periods"] if day <= str(p["to"])[: len(day)]), rules.names["future"])


def _figure(figures: list[Figure], near: int) -> dict[str, str]:
    """The columns of the figure that begins nearest to a character; none where there is no figure."""
    if not figures:
        return {}
    figure = min(figures, key=lambda f: (abs(f.start - near), f.start))
    return {
        "quantity_value": figure.value,
        "quantity_unit": figure.unit,
        "quantity_approx": figure.approx,
        "quantity_measure": figure.measure,
    }


def _clause(sentence: Sentence, offset: int) -> int:
    """The hard clause that a character belongs to."""
    clause = sentence.hard[0] if sentence.hard else 0
    for start, number in zip(sentence.scan.starts, sentence.hard, strict=True):
        if start > offset:
            break
        clause = number
    return clause


def _named(book, actors: tuple[str, ...]) -> str:
    return ", ".join(book.actor_label(actor, short=True) for actor in actors)


def cut(spans: Iterable[tuple[int, int]], text: str, limit: int = LIMIT) -> Iterator[tuple[int, int]]:
    """Spans, those longer than ``limit`` cut at white space, or within a word longer than that."""
    for start, end in spans:
        while end - start > limit:
            space = max(text.rfind(" ", start, start + limit), text.rfind("\n", start, start + limit))
            stop = space if space > start else start + limit
            yield start, stop
            start = stop + 1 if space > start else stop
        yield start, end


def code_text(coder: Coder, text: str, article: str, published: str = "", language: str = "en") -> list[dict]:
    """Proposals for a text that nobody has cut: each line is a passage.

    Returns:
        One mapping of :data:`PROPOSED` a proposal; offsets count in ``text``; passages are p01, p02, ..., sentences p01.s1, ...
    """
    rows, context = [], None
    for block in blocks(text, 1, text.count("\n") + 1, {}):
        # The splitter is given pieces of bounded length, so that one endless line costs no more than many.
        pieces = cut([(block.start, block.end)], text, 50 * LIMIT)
        spans = cut((span for a, b in pieces for span in sentence_spans(text, a, b, language)), text)
        named = [(f"{block.passage}.s{number}", start, end) for number, (start, end) in enumerate(spans, 1)]
        found, context = coder.passage(
            text, named, article=article, passage=block.passage, published=published, context=context
        )
        rows += found
    return rows


def table(rows: list[dict]) -> pd.DataFrame:
    """Proposals as a table: columns :data:`PROPOSED`."""
    return pd.DataFrame(rows, columns=PROPOSED)
