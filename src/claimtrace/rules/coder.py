"""From a sentence to proposed claims: who wants, fears, does or demands what, and who says so.

A motive is proposed where the scorecard of :mod:`claimtrace.rules.points` reaches its threshold, an act where its words have a
subject, and where neither is found but the sentence is about an actor, a statement of the type that its words hint at. A proposal says which rule fired, on which words, and with how many points. The same text and the same rules give the
same proposals.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

import pandas as pd

from claimtrace.claims import COLUMNS
from claimtrace.corpus import blocks, sentence_spans, sha256
from claimtrace.dates import span
from claimtrace.rules.lexicon import Hit, longest
from claimtrace.rules.points import NOTHING, Scorecard, Tie
from claimtrace.rules.qualify import WEEKDAY, Figure, When, times
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
#: What stands before a verb of saying that its subject follows.
_TURNED = frozenset(",\"”’'")
_EMPTY = dict.fromkeys(PROPOSED, "")


class Act(NamedTuple):
    """An act: the words that tell it, who does it, to whom, and who charges the doer with it, if it is told so."""

    hit: Hit
    subject: tuple[str, ...]
    target: tuple[str, ...]
    accuser: str = ""


def acts(sentence: Sentence) -> list[Act]:
    """Acts with their subjects and targets; only where the sentence has a word for an actor. A doer whom it does not name, or who is not on the list,
    is one of the codebook's placeholders."""
    found: list[Act] = []
    hits = sentence.scan.of("act")
    for hit in longest(hits) if hits and any(h.start >= 0 for h in sentence.holders) and not sentence.asks else ():
        doer, sufferer = sentence.doer(hit.start, hit.end)
        accuser, accused = sentence.charged(hit.start)
        doer = accused or doer
        # "Plans to build": what is planned, asked for or refused is no act of its own.
        of_another = bool(found) and hit.start <= found[-1].hit.end + 1
        of_another = of_another and "," not in sentence.between(found[-1].hit.end - 1, hit.start)
        if doer is None or of_another or sentence.intended(hit.start) or sentence.attributive(hit.start, hit.end):
            continue
        # Where a phrase ends in an actor, it is the one toward whom.
        last = hit.end - 1 if hit.end > hit.start + 1 and sentence.words[hit.end - 1].actors else hit.end
        target = sufferer.actors if sufferer is not None else sentence.toward(last, doer.actors)
        found.append(Act(hit, doer.actors, target, accuser.actors[0] if accuser else ""))
    return found


def claimant(sentence: Sentence) -> tuple[str, str]:
    """Who says what a sentence says: the innermost claimant and how the author takes it; empty for the author.

    Returns:
        Actor id, and neutral, endorsing, distancing or nobody (an agentless report).
    """
    names, nobody = sentence.rules.names, sentence.scan.of("nobody")
    inside = {place for hit in nobody for place in range(hit.start, hit.end)}
    speech = sentence.scan.of("speech")
    for hit in longest(speech) if speech else ():
        if hit.start not in inside and (speaker := _speaker(sentence, hit)):
            return speaker, str(hit.value)
    if sentence.scan.of("media") and names.get("media"):
        return names["media"], "distancing"
    return (names["unnamed"], "nobody") if nobody else ("", "")


def _speaker(sentence: Sentence, verb: Hit) -> str:
    """Who says what a word of saying opens or closes; empty where it is nobody on the list of actors."""
    low, words, at = sentence.low, sentence.rules.words, verb.start
    if low[at] == "according":
        return _speaking(sentence, range(verb.end, min(verb.end + 5, len(low))), oblique=True)
    if at and low[at - 1] in words["persons"] and sentence.context.spoke:
        return sentence.context.spoke
    # "..., said X": behind the verb only where it is turned round. "X said that Y" and "told Y" name whom it is about, or to whom.
    turned = sentence.text[sentence.start : sentence.scan.starts[at]].rstrip()[-1:] in _TURNED
    told = low[at] in words["addressed"] or low[verb.end : verb.end + 1] == ["that"]
    ahead = range(verb.end, min(verb.end + 3, len(low))) if turned and not told else ()
    before = [
        place for place in range(at - 1, max(at - NEAR, 0) - 1, -1) if sentence.quoted(place) <= sentence.quoted(at)
    ]
    # "Y, people say": who says it is not on the list, and Y is whom it is about.
    if sentence.stranger(at):
        before = [place for place in before if "," not in sentence.between(place, at)]
    closing = [place for place in ahead if sentence.words[place].actors][:1]
    closing = closing if closing and sentence.ends(closing[0]) else []
    if speaker := _speaking(sentence, closing) or _speaking(sentence, before) or _speaking(sentence, ahead):
        return speaker
    return sentence.context.speaker[0] if at and low[at - 1] in words["subject"] else ""


def _speaking(sentence: Sentence, places: Iterable[int], oblique: bool = False) -> str:
    """The first mention that can speak and, unless ``oblique``, stands after no preposition."""
    kinds, book = sentence.rules.own["attribution"], sentence.rules.book
    for place in places:
        for actor in sentence.words[place].actors:
            if book.actor_type(actor) in kinds and (oblique or not sentence.oblique(place)):
                return actor
    return ""


def factuality(sentence: Sentence, at: int) -> str:
    """FactBank value of what stands at a word, from the hedges of its clause; CT+ where there are none. What makes it depend on
    something ("if") holds to the next break of the sentence, other hedges to the next "who" or "that"."""
    hedges = sentence.scan.of("hedge")
    if not hedges:
        return "CT+"
    text, starts = sentence.text, sentence.scan.starts
    values = set()
    for hit in hedges:
        clauses = sentence.hard if hit.value == "Uu" else sentence.soft
        # "May" within a sentence is the month.
        if clauses[hit.start] == clauses[at] and (hit.start == 0 or not text.startswith("May", starts[hit.start])):
            values.add(str(hit.value))
    return next((value for value in ("Uu", "PR-", "PS+", "PR+") if value in values), "CT+")


def negated(sentence: Sentence, at: int) -> bool:
    """Whether a word of negation stands shortly before a word, in its soft clause and with no comma between; or one that denies it."""
    low, denial = sentence.low, sentence.rules.words["denial"]
    for place in range(at - 1, max(at - 2 * NEAR, -1), -1):
        if sentence.hard[place] != sentence.hard[at] or low[place] in ("and", "but"):
            break
        if low[place] in denial:
            return True
    return any(
        hit.end <= at <= hit.end + 4
        and sentence.soft[hit.start] == sentence.soft[at]
        and "," not in sentence.between(hit.end - 1, at)
        for hit in sentence.scan.of("negation")
    )


class Told(NamedTuple):
    """What holds for all claims of a sentence: who says so and in which manner, the dates, those on which it was said, the figures, the
    publication (EDTF)."""

    speaker: str
    manner: str
    dated: list[When]
    said: list[When]
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
        context, found = replace(context or Context(), told=""), []
        day = _day(published)
        for name, start, end in spans:
            dated = self._times(text, start, end, day, told=context.told) if _YEAR.search(text, start, end) else None
            sentence = Sentence(text, start, end, self.rules, context, _first(dated) or day)
            said = claimant(sentence)
            rows = self._claims(sentence, said, day, dated)
            for number, row in enumerate(rows, 1):
                key = f"{article}.{name}.c{number}"
                row |= {"claim_id": key, "prop_id": key, "article": article, "passage": passage, "sentence": name}
            found += rows
            context = sentence.leaves(said, dated[-1].edtf if dated else "")
        return found, context

    def _times(self, text: str, start: int, end: int, published: str, words=None, told: str = "") -> list[When]:
        return times(text, start, end, published, self.rules.english["numbers"], self.rules.dates, words, told)

    def _claims(
        self, sentence: Sentence, said: tuple[str, str], published: str, dated: list[When] | None
    ) -> list[dict]:
        if not sentence.scan.mentions and not sentence.context.subject:
            return []
        motives, done = self.card.motives(sentence), acts(sentence)
        about = sentence.about() if self.states and not motives and not done else None
        if not motives and not done and not about:
            return []
        speaker, manner = said
        if not speaker and sentence.context.speaker[0]:
            speaker, manner = sentence.context.speaker
        place = sentence.text, sentence.start, sentence.end
        if dated is None:
            dated = self._times(*place, published, sentence.tokens, sentence.context.told)
        figures = self.rules.figures.find(*place, dated) if self.rules.figures.may(*place, sentence.tokens) else []
        said = [when for when in dated if _of_saying(sentence, when)]
        told = Told(speaker, manner, [when for when in dated if when not in said], said, figures, published)
        rows = [self._motive(sentence, tie, points, told) for points, tie in motives]
        taken = {row["subject"] + row["event_type"] for row in rows if row["event_type"]}
        # What is wanted is not done: "wants recognition".
        wanted = [tie.indicator for _, tie in motives if tie.trigger.value in ("wants", "demands")]
        for act in done:
            inside = any(other.start <= act.hit.start and act.hit.end <= other.end for other in wanted)
            if not inside and ";".join(act.subject) + str(act.hit.value) not in taken:
                rows.append(self._act(sentence, act, told))
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

    def _act(self, sentence: Sentence, act: Act, told: Told) -> dict:
        book, (hit, subject, target, accuser) = self.rules.book, act
        if accuser and book.actor_type(accuser) in self.rules.own["attribution"]:
            told = told._replace(speaker=accuser, manner="neutral")
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
            **({"period": self.rules.names["future"]} if kind in self.rules.words["ahead"] else {}),
            "claim_type": kind,
            "statement": f"{_named(book, about.actors)}: {book.phrase('claim_type', kind)}",
            "rule": f"statement: {kind}" + (f": {first.phrase}" if first else ""),
            "words": sentence.shown(*sorted(shown, key=lambda hit: hit.start)),
        }

    def _common(self, sentence: Sentence, subject, target, at, span, told: Told) -> dict:
        rules, names, speaker, manner = self.rules, self.rules.names, told.speaker, told.manner
        source = factuality(sentence, at)
        chain = [names["author"], speaker] if speaker else [names["author"]]
        of_author = {"neutral": "Uu", "endorsing": "CT+", "distancing": "PS+", "nobody": "PS+"}.get(manner, source)
        kind = rules.own["attribution"].get(rules.book.actor_type(chain[-1]), "")
        when = next((w for w in told.dated if sentence.hard[at] == _clause(sentence, w.start)), None)
        if when is None and len(told.dated) == 1:
            when = told.dated[0]
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
            "event_time": when.edtf if when else "",
            "period": self._period(sentence, at, when, told),
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

    def _period(self, sentence: Sentence, at: int, when: When | None, told: Told) -> str:
        """The period of a claim's own date; else of another date of its sentence, or, where that is told in the past, of its passage; else
        that of the publication. A word of the future in its clause goes before any date but its own."""
        rules = self.rules
        if when is None and any(sentence.soft[hit.start] == sentence.soft[at] for hit in sentence.scan.of("future")):
            return rules.names["future"]
        when = when or next(reversed([*told.said, *told.dated]), None)
        edtf = when.edtf if when else sentence.context.told if sentence.past_tense else ""
        years = re.findall(r"\d{3,4}[\dX]?(?:-\d\d)*", edtf)
        # "Since" reaches to the day of the text; what is done "after" a date is done soon after it.
        lasting = edtf.endswith("/..") and not (when and when.after)
        day = years[-1].replace("X", "9") if years and not lasting else told.published or "9999"
        if len(day) < 10 and told.published.startswith(day):
            day = told.published
        elif when and when.after and len(day) == 4:
            day = f"{day}-12-31"
        return next((period["code"] for period in rules.own["periods"] if _within(day, period)), rules.names["future"])


def _within(day: str, period: dict) -> bool:
    """Whether a date lies before the end of a period; what is told without its day, before the end of the last month that counts as its own."""
    last = str(period["to"])
    if len(day) == 10:
        return day <= last
    return (day if len(day) == 7 else f"{day}-12") <= str(period.get("to_month", last))[:7]


def _day(published: str) -> str:
    """The publication date as far as it is told: of several or of an open span the last day that it can mean."""
    if published[:1] in ("[", "{", "."):
        return span(published).last.isoformat()
    return re.split(r"[/~.]", published)[0]


def _first(dated: list[When] | None) -> str:
    """The first date, as far as it is told in numbers; empty if there is none."""
    found = (re.search(r"\d{4}(?:-\d\d){0,2}", when.edtf) for when in dated or ())
    return next((match[0] for match in found if match), "")


def _of_saying(sentence: Sentence, when: When) -> bool:
    """Whether a day of the week stands right behind a word of saying: that is when it was said ("said on Friday that")."""
    if when.rule != WEEKDAY:
        return False
    place, addressed = bisect_left(sentence.scan.starts, when.start), sentence.rules.words["addressed"]
    return any(
        0 <= place - hit.end <= (4 if sentence.low[hit.start] in addressed else 2) for hit in sentence.scan.of("speech")
    )


def _figure(figures: list[Figure], near: int) -> dict[str, str]:
    """The columns of the figure that begins nearest to a character; none where there is no figure."""
    if not figures:
        return {}
    figure = min(figures, key=lambda f: (abs(f.start - near), f.start))
    return {
        "quantity_value": figure.value,
        "quantity_value_max": figure.top,
        "quantity_unit": figure.unit,
        "quantity_approx": figure.approx,
        "quantity_measure": figure.measure,
    }


def _clause(sentence: Sentence, offset: int) -> int:
    """The hard clause that a character belongs to."""
    return sentence.hard[max(bisect_right(sentence.scan.starts, offset) - 1, 0)] if sentence.hard else 0


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
