"""From a sentence to proposed claims: who wants, fears, does or demands what, and who says so.

A proposal is made where a construction of :file:`english.yaml` ties a motive's words to an actor. It says which rule fired and
on which words. Nothing is learnt: the same text and the same rules give the same proposals.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

import pandas as pd

from claimtrace.claims import COLUMNS
from claimtrace.corpus import blocks, sentence_spans, sha256
from claimtrace.rules.phrases import Hit, longest, words
from claimtrace.rules.qualify import times
from claimtrace.rules.rulebook import Construction, Rulebook

#: Columns of a proposal: those of a claim, the rule that fired, and the words it matched with their offsets.
PROPOSED = [*COLUMNS, "rule", "words"]
#: Longer sentences are cut at white space: a text without full stops must not be one sentence.
LIMIT = 2000
#: Words between a speaker and the verb of saying, between an act and its parties.
NEAR = 6
#: Before a wish these make it advice or a forecast.
MODALS = frozenset({"should", "must", "can", "could", "ought", "would"})
_HARD = re.compile(r"[;—]|\s–\s|:\s|\.\s")


@dataclass
class Context:
    """What earlier sentences of a passage leave behind for later ones.

    Attributes:
        subject: actors that the last sentence was about.
        listed: actors that were last named together.
        mentioned: actors in the order of mention, the last one last.
        speaker: who is being quoted, while quotation marks are open.
        fresh: a new passage begins: only pronouns reach back.
    """

    subject: tuple[str, ...] = ()
    listed: tuple[str, ...] = ()
    mentioned: list[str] = field(default_factory=list)
    speaker: tuple[str, str] = ("", "")
    fresh: bool = False


@dataclass(frozen=True)
class Motive:
    """A motive found: its holders, its code, where, by which rule."""

    construction: Construction
    holders: tuple[str, ...]
    code: str
    trigger: Hit
    indicator: Hit


class Sentence:
    """A sentence as words and mentions, with its clauses."""

    def __init__(self, text: str, start: int, end: int, rules: Rulebook, context: Context, day: str):
        self.text, self.start, self.end, self.rules, self.context = text, start, end, rules, context
        self.items = rules.aliases.merge(text, words(text, start, end), day)
        #: Clause of each item: hard clauses end at punctuation and at words such as "but", soft ones also at "which".
        self.hard, self.soft = [], []
        hard = soft = 0
        previous = start
        for item in self.items:
            between = text[previous : item.start]
            if _HARD.search(between) or item.low in ("but", "while", "whereas", "although", "though", "however"):
                hard, soft = hard + 1, soft + 1
            elif item.low in rules.words["clauses"]:
                soft += 1
            self.hard.append(hard)
            self.soft.append(soft)
            previous = item.end

    def chain(self, at: int) -> tuple[int, int]:
        """First and last mention of the list that the mention ``at`` belongs to ("A, B and also C")."""
        first = last = at
        while (other := self._next(last, 1)) is not None:
            last = other
        while (other := self._next(first, -1)) is not None:
            first = other
        # A comma alone makes no list: "in A, B decided".
        if any(item.low in ("and", "or", "well") for item in self.items[first:last]):
            return first, last
        return at, at

    def _next(self, at: int, step: int) -> int | None:
        """The neighbouring mention, where only a comma or words of a list stand between."""
        for distance in range(1, 5):
            other = at + step * distance
            if not 0 <= other < len(self.items):
                return None
            if self.items[other].actors:
                left, right = sorted((at, other))
                between = self.text[self.items[left].end : self.items[right].start]
                return (
                    other if ("," in between or distance > 1 or "/" in between) and not _HARD.search(between) else None
                )
            if self.items[other].low not in self.rules.words["lists"]:
                return None
        return None

    def listed(self, at: int) -> tuple[str, ...]:
        """The holders in the list of a mention, modifiers ("A's neighbours") left out, each once."""
        first, last = self.chain(at)
        found = []
        for place in range(first, last + 1):
            for actor in self.items[place].actors:
                if self.rules.holds(actor) and not self.modifies(place) and actor not in found:
                    found.append(actor)
        return tuple(found)

    def modifies(self, at: int) -> bool:
        """Whether a mention only qualifies the mention right after it ("A's minister X")."""
        if at + 1 >= len(self.items) or not self.items[at].actors or not self.items[at + 1].actors:
            return False
        return self.text[self.items[at].end : self.items[at + 1].start].strip(" '’s") == ""

    def oblique(self, at: int) -> bool:
        """Whether a mention stands after a preposition: a place, an object, a party, but not the one who acts."""
        first, _ = self.chain(at)
        place = first - 1
        between = self.rules.words["skip"] | self.rules.words["titles"]
        titled = False
        while place >= 0 and (
            self.items[place].low in between or self.modifies(place) or (titled and self.items[place].actors)
        ):
            titled = self.items[place].low in self.rules.words["titles"]
            place -= 1
        low = self.items[place].low if place >= 0 else ""
        if low not in self.rules.words["prepositions"]:
            return False
        if low in ("of", "from") and place and self.items[place - 1].low in self.rules.words["whole"]:
            return False
        # "For X, ..." names whom it is about; "confidence to X to expand", "a reason for X to stay" who is to act.
        opening = low == "for" and (place == 0 or self.hard[place - 1] != self.hard[place])
        return not opening and not (low in ("for", "to") and self.acts_next(at))

    def acts_next(self, at: int) -> bool:
        """Whether an infinitive follows a list of actors, with a word between at most ("for the X leadership to stay")."""
        _, last = self.chain(at)
        following = self.items[last + 1 : last + 4]
        return any(item.low == "to" for item in following[:2]) and len(following) > 1

    def resolve(self, at: int) -> tuple[str, ...]:
        """The actors that a pronoun stands for: whom the sentence was about so far, else the one before."""
        for place in range(at):
            if self.items[place].actors and not self.oblique(place):
                found = self.listed(place)
                if found:
                    return found
        named = (self.listed(place) for place in range(at) if self.items[place].actors)
        return next((found for found in named if found), self.context.subject)

    @cached_property
    def again(self) -> dict[int, tuple[str, ...]]:
        """Wordings such as "the group" or "both countries": the item each begins at, and the actors it stands for."""
        resolved = {}
        for hit in self.rules.anaphora.find(self.items):
            entry = self.rules.own["anaphora"][hit.value]
            fits = [a for a in self.context.mentioned if self.rules.book.actor_type(a) in entry["types"]]
            named = self.context.listed if entry.get("all") else fits[-1:]
            found = tuple(actor for actor in named if self.rules.holds(actor))
            if found:
                resolved[hit.start] = found
        return resolved

    def subject(self, before: int) -> tuple[tuple[str, ...], str]:
        """Who acts in the clause of item ``before``: the nearest clause first, then earlier ones, then the sentence before.

        Returns:
            Actors and the rule that found them: subject, topic, pronoun, named again, earlier sentence.
        """
        if owner := self.owner(before):
            return owner, "possessive"
        again = self.again
        top = self.soft[before] if before < len(self.items) else (self.soft[-1] if self.soft else 0)
        for clause in range(top, -1, -1):
            places = [i for i in range(before) if self.soft[i] == clause]
            if places and places[0] and self.items[places[0]].low in self.rules.words["relative"]:
                nearest = next((i for i in (places[0] - 1, places[0] - 2) if i >= 0 and self.items[i].actors), None)
                if nearest is not None and (found := self.listed(nearest)):
                    return found, "relative"
            for place in places:
                if self.items[place].actors and not self.oblique(place) and (found := self.listed(place)):
                    return found, "subject"
                if place in again:
                    return again[place], "named again"
                if self.items[place].low in self.rules.words["pronouns"]:
                    own = self.items[place].low in self.rules.english["pronouns"]["possessive"]
                    found = own and not any(item.actors for item in self.items[:place]) and self.fronted(before)
                    if found or (found := self.resolve(place)):
                        return found, "pronoun"
        if found := self.fronted(before):
            return found, "fronted"
        return () if self.context.fresh else self.context.subject, "earlier sentence"

    def fronted(self, before: int) -> tuple[str, ...]:
        """Who acts in the main clause, where the sentence opens with something else ("To do so, X went")."""
        if not self.hard or before >= len(self.items) or self.hard[before] != 0:
            return ()
        for place in range(before, len(self.items)):
            led = self.text[max(self.start, self.items[place].start - 8) : self.items[place].start].rstrip()
            main = self.items[place].actors and led.endswith((",", ", the")) and not self.oblique(place)
            if main and (found := self.listed(place)):
                return found
        return ()

    def owner(self, before: int) -> tuple[str, ...]:
        """The actors in the genitive right before a noun ("X's efforts", "X's own broad aims")."""
        for place in range(before - 1, max(before - 4, -1), -1):
            item = self.items[place]
            if item.actors:
                genitive = self.text[item.end : item.end + 2].startswith(("'", "’"))
                return self.listed(place) if genitive else ()
            if item.low in self.rules.words["prepositions"] or item.low in self.rules.words["clauses"]:
                return ()
        return ()

    def after(self, at: int, reach: int = NEAR) -> tuple[str, ...]:
        """The holders of the first list of actors after an item, in the same hard clause."""
        for place in range(at, min(at + reach, len(self.items))):
            if self.hard[place] != self.hard[max(at - 1, 0)]:
                break
            if self.items[place].actors and not self.modifies(place) and (found := self.listed(place)):
                return found
            if self.items[place].low in ("these", "them", "both", "countries") and place in self.again:
                return self.again[place]
        return ()


def motives(sentence: Sentence) -> list[Motive]:
    """The motives of a sentence: every construction whose content holds words of a motive, each pair once."""
    rules, items = sentence.rules, sentence.items
    indicators = rules.motives.find(items)
    if not indicators:
        return []
    best: dict[tuple[tuple[str, ...], str], Motive] = {}
    inner: dict[tuple[int, int], Motive] = {}
    for trigger in _triggers(sentence):
        construction = rules.constructions[trigger.value]
        holders = _holders(sentence, construction, trigger)
        if not holders:
            continue
        for indicator in _contents(sentence, construction, trigger, indicators, holders):
            if set(holders) & set(rules.own.get("never", {}).get(str(indicator.value), ())):
                continue
            found = Motive(construction, holders, str(indicator.value), trigger, indicator)
            # Where constructions are nested, the content belongs to the innermost ("worries about X's efforts to rule").
            place = (indicator.start, indicator.end)
            if trigger.end <= indicator.start and construction.content == "after":
                if place in inner and inner[place].holders != holders and construction.name != "to_infinitive":
                    best.pop((inner[place].holders, inner[place].code), None)
                inner[place] = found
            key = (holders, found.code)
            if key not in best or _rank(found) < _rank(best[key]):
                best[key] = found
    return sorted(best.values(), key=lambda m: (m.trigger.start, m.indicator.start, m.code, m.holders))


def _rank(motive: Motive) -> tuple:
    """A construction that names its purpose goes before a bare infinitive, near words before far ones."""
    distance = abs(motive.indicator.start - motive.trigger.end)
    return (motive.construction.name == "to_infinitive", distance, motive.trigger.start, motive.construction.name)


def _triggers(sentence: Sentence) -> list[Hit]:
    """Constructions in a sentence; of those that share a word the longest, and no "to" that is no purpose."""
    rules, items = sentence.rules, sentence.items
    kept = []
    for hit in longest(rules.triggers.find(items)):
        if rules.constructions[hit.value].name == "to_infinitive":
            before = items[hit.start - 1].low if hit.start else ""
            after = items[hit.end] if hit.end < len(items) else None
            verb = after and after.low.isalpha() and after.text[0].islower() and not after.low.endswith("ing")
            if not verb or after.low in rules.words["skip"] or before in rules.words["not_purpose"]:
                continue
            clause = [i for i in range(hit.start) if sentence.hard[i] == sentence.hard[hit.start]]
            if clause and rules.effects.find(items[clause[0] : hit.start]):
                continue
        elif rules.constructions[hit.value].type == "INTEREST" and MODALS.intersection(
            item.low for item in items[max(0, hit.start - 3) : hit.start]
        ):
            continue
        kept.append(hit)
    return kept


def _holders(sentence: Sentence, construction: Construction, trigger: Hit) -> tuple[str, ...]:
    if construction.holder == "before":
        holders, how = sentence.subject(trigger.start)
        # A bare "to" says too little to go back for its subject.
        return () if construction.name == "to_infinitive" and how == "earlier sentence" else holders
    if construction.holder == "owner":
        return sentence.owner(trigger.start)
    if construction.holder == "inside":
        inside = [i for i in range(trigger.start, trigger.end) if sentence.items[i].actors]
        return (sentence.listed(inside[-1]) if inside else ()) or sentence.after(trigger.end, NEAR)
    return sentence.after(trigger.end)


def _contents(
    sentence: Sentence, construction: Construction, trigger: Hit, indicators: list[Hit], holders: tuple[str, ...]
) -> list[Hit]:
    """Words of motives where a construction has its content; of those that share a word the more specific."""
    rules, clause = sentence.rules, sentence.hard[trigger.start]
    found = []
    for hit in indicators:
        own = any(set(sentence.items[i].actors) & set(holders) for i in range(hit.start, hit.end))
        if own or sentence.hard[hit.start] != clause:
            continue
        after = trigger.end <= hit.start <= trigger.end + construction.reach
        before = trigger.start - construction.reach <= hit.start and hit.end <= trigger.start
        # "security concerns": the content is part of the words, or stands right before the noun.
        part = hit.start < trigger.end and hit.end > trigger.start
        close = construction.type == "INTEREST" and trigger.start - 2 <= hit.start and hit.end == trigger.start
        if (
            part
            or close
            or (after and construction.content in ("after", "both"))
            or (before and construction.content in ("before", "both"))
        ):
            found.append(hit)
    if not found and construction.holder == "after":  # "..., something that worries X": what is said before it
        found = [hit for hit in indicators if hit.end <= trigger.start and sentence.hard[hit.start] != clause]
    found.sort(key=lambda hit: (hit.start - hit.end, rules.order.get(str(hit.value), 99), hit.start))
    # "Security concerns about X": what the noun is about is more specific than the noun.
    if any(trigger.end <= hit.start < trigger.end + NEAR for hit in found):
        found = [hit for hit in found if hit.start >= trigger.end or hit.end < trigger.start]
    kept: list[Hit] = []
    for hit in found:
        if not any(hit.start < other.end and other.start < hit.end for other in kept):
            kept.append(hit)
    return sorted(kept, key=lambda hit: hit.start)


def acts(sentence: Sentence) -> list[tuple[Hit, tuple[str, ...], tuple[str, ...]]]:
    """Acts with their subjects and targets; only where the subject stands in the sentence."""
    found = []
    for hit in longest(sentence.rules.acts.find(sentence.items)):
        subject, how = sentence.subject(hit.start)
        if subject and how != "earlier sentence":
            target = tuple(actor for actor in _parties(sentence, hit.end) if actor not in subject)
            found.append((hit, subject, target))
    return found


def _parties(sentence: Sentence, at: int) -> tuple[str, ...]:
    """The first list of actors of any type after an item, places left out."""
    for place in range(at, min(at + NEAR + 2, len(sentence.items))):
        if sentence.items[place].actors and not sentence.modifies(place):
            first, last = sentence.chain(place)
            return tuple(dict.fromkeys(a for i in range(first, last + 1) for a in sentence.items[i].actors))
    return ()


def claimant(sentence: Sentence) -> tuple[str, str]:
    """Who says what a sentence says: the innermost claimant and how the author takes it; empty for the author.

    Returns:
        Actor id, and neutral, endorsing, distancing or nobody (an agentless report).
    """
    rules, items = sentence.rules, sentence.items
    for hit in longest(rules.speech.find(items)):
        manner = str(hit.value)
        if items[hit.start].low == "according":
            speaker = _speaker(sentence, range(hit.end, min(hit.end + 5, len(items))), oblique=True)
        else:
            nearest = range(hit.start - 1, max(hit.start - NEAR, 0) - 1, -1)
            speaker = _speaker(sentence, nearest) or _speaker(sentence, range(hit.end, min(hit.end + 3, len(items))))
            if not speaker and hit.start and items[hit.start - 1].low in ("he", "she", "they", "it"):
                speaker = sentence.context.speaker[:1] if sentence.context.speaker[0] else ()
        if speaker:
            return speaker[0], manner
    if rules.media.find(items) and rules.names.get("media"):
        return rules.names["media"], "distancing"
    if rules.nobody.find(items):
        return rules.names["unnamed"], "nobody"
    return "", ""


def _speaker(sentence: Sentence, places: Iterable[int], oblique: bool = False) -> tuple[str, ...]:
    """The first mention that can speak and, unless ``oblique``, stands after no preposition."""
    for place in places:
        actors = sentence.items[place].actors
        kind = sentence.rules.book.actor_type(actors[0]) if actors else ""
        if kind in sentence.rules.own["attribution"] and (oblique or not sentence.oblique(place)):
            return actors
    return ()


def factuality(sentence: Sentence, at: int) -> str:
    """FactBank value of what stands at an item, from the hedges of its clause; CT+ where there are none."""
    places = [i for i in range(len(sentence.items)) if sentence.hard[i] == sentence.hard[at]]
    items = sentence.items[places[0] : places[-1] + 1]
    hits = [hit for hit in sentence.rules.hedges.find(items) if hit.start == 0 or items[hit.start].text != "May"]
    values = {str(hit.value) for hit in hits}
    for value in ("Uu", "PR-", "PS+", "PR+"):
        if value in values:
            return value
    return "CT+"


def negated(sentence: Sentence, at: int) -> bool:
    """Whether a word of negation stands shortly before an item, in its soft clause."""
    places = [i for i in range(max(0, at - 4), at) if sentence.soft[i] == sentence.soft[at]]
    return bool(places) and bool(sentence.rules.negation.find(sentence.items[places[0] : at]))


class Coder:
    """Proposes claims.

    Args:
        rules: the compiled rules of a study.
    """

    def __init__(self, rules: Rulebook):
        self.rules = rules

    def passage(
        self,
        text: str,
        spans: Iterable[tuple[str, int, int]],
        *,
        article: str,
        passage: str,
        published: str = "",
        context: Context | None = None,
    ) -> tuple[list[dict], Context]:
        """Proposals for the sentences of a passage, in order.

        Args:
            text: the whole text that offsets count in.
            spans: sentence id, start and end of each sentence.
            published: EDTF of the publication; empty where not known.
            context: what the passage before left behind.

        Returns:
            One mapping of :data:`PROPOSED` a proposal, every value text; what this passage leaves behind.
        """
        context, found = replace(context or Context(), fresh=True), []
        day = re.split(r"[/~.]", published)[0]
        for name, start, end in spans:
            spoken = _year(text, start, end, day)
            sentence = Sentence(text, start, end, self.rules, context, spoken)
            rows = self._claims(sentence, day)
            for number, row in enumerate(rows, 1):
                key = f"{article}.{name}.c{number}"
                row |= {"claim_id": key, "prop_id": key, "article": article, "passage": passage, "sentence": name}
                found.append({column: row.get(column, "") for column in PROPOSED})
            context = _carried(sentence)
        return found, context

    def _claims(self, sentence: Sentence, published: str) -> list[dict]:
        if not any(item.actors for item in sentence.items) and not sentence.context.subject:
            return []
        speaker, manner = claimant(sentence)
        if not speaker and sentence.context.speaker[0]:
            speaker, manner = sentence.context.speaker
        rows = []
        dated = times(sentence.text, sentence.start, sentence.end, published, self.rules.english["numbers"])
        for motive in motives(sentence):
            rows.append(self._motive(sentence, motive, speaker, manner, dated, published))
        figures = self.rules.figures.find(sentence.text, sentence.start, sentence.end)
        taken = {row["subject"] + row["event_type"] for row in rows if row["event_type"]}
        for hit, subject, target in acts(sentence):
            if ";".join(subject) + str(hit.value) not in taken:
                rows.append(self._act(sentence, hit, subject, target, speaker, manner, dated, figures, published))
        return rows

    def _motive(self, sentence: Sentence, motive: Motive, speaker, manner, dated, published) -> dict:
        construction, book, names = motive.construction, self.rules.book, self.rules.names
        focus, trigger = self.rules.study.focus, motive.trigger
        denied = negated(sentence, trigger.start) or negated(sentence, motive.indicator.start)
        target = tuple(a for a in _parties(sentence, trigger.end) if a not in motive.holders)
        dealing = any(book.roll_up(actor) == focus for actor in target)
        direction = "drive" if construction.type == "MOTIVE" and dealing else "unclear"
        direction = "brake" if construction.against else direction
        span = _span(sentence, min(trigger.start, motive.indicator.start), max(trigger.end, motive.indicator.end))
        row = self._common(sentence, motive.holders, target, trigger.start, span, speaker, manner, dated, published)
        return row | {
            "claim_type": construction.type,
            "statement": f"{_named(book, motive.holders)}: {book.phrase('motive', motive.code)}",
            "motive": motive.code,
            "motive_polarity": names["denied"] if denied else names[direction],
            "voice": self._voice(row),
            "strength": "explicit",
            "event_type": names.get("request", "") if construction.type == "DEMAND" else "",
            "rule": f"{construction.name}: {trigger.phrase} + {motive.code}: {motive.indicator.phrase}",
            "words": _matched(sentence, trigger, motive.indicator),
        }

    def _act(self, sentence, hit, subject, target, speaker, manner, dated, figures, published) -> dict:
        book = self.rules.book
        span = _span(sentence, hit.start, hit.end)
        row = self._common(sentence, subject, target, hit.start, span, speaker, manner, dated, published)
        if row["factuality_source"] == "CT+" and negated(sentence, hit.start):
            author = "CT-" if row["factuality_author"] == "CT+" else row["factuality_author"]
            row |= {"factuality_source": "CT-", "factuality_author": author}
        close = [f for f in figures if sentence.hard[hit.start] == _clause(sentence, f.start)]
        if close:
            figure = min(close, key=lambda f: (abs(f.start - sentence.items[hit.start].start), f.start))
            row |= {
                "quantity_value": figure.value,
                "quantity_unit": figure.unit,
                "quantity_approx": figure.approx,
                "quantity_measure": figure.measure,
            }
        return row | {
            "claim_type": "ACTION",
            "statement": f"{_named(book, subject)}: {book.phrase('event_type', str(hit.value))}",
            "event_type": str(hit.value),
            "rule": f"act: {hit.value}: {hit.phrase}",
            "words": _matched(sentence, hit),
        }

    def _common(self, sentence, subject, target, at, span, speaker, manner, dated, published) -> dict:
        rules, names = self.rules, self.rules.names
        source = factuality(sentence, at)
        chain = [names["author"], speaker] if speaker else [names["author"]]
        of_author = {"neutral": "Uu", "endorsing": "CT+", "distancing": "PS+", "nobody": "PS+"}.get(manner, source)
        kind = rules.own["attribution"].get(rules.book.actor_type(chain[-1]), "")
        when = next((w.edtf for w in dated if sentence.hard[at] == _clause(sentence, w.start)), "")
        start, end = span
        return {
            "subject": ";".join(subject),
            "target": ";".join(target),
            "scope": self._scope(sentence, subject, target),
            "factuality_source": source,
            "factuality_author": of_author if speaker else source,
            "claimant": ";".join(chain),
            "attribution": names["author"] if not speaker else kind,
            "event_time": when,
            "event_type": "",
            "period": self._period(sentence, when, published),
            "quote": " ".join(sentence.text[start:end].split()),
            "original_start": str(start),
            "original_end": str(end),
            "original_sha256": sha256(sentence.text[start:end]),
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
        rules = self.rules
        if any(rules.book.roll_up(actor) == rules.study.focus for actor in (*subject, *target)):
            return rules.names["focus_scope"]
        hits = rules.scopes.find(sentence.items)
        return str(hits[0].value) if hits else rules.names["other_scope"]

    def _period(self, sentence: Sentence, when: str, published: str) -> str:
        rules = self.rules
        if not when and rules.future.find(sentence.items):
            return rules.names["future"]
        years = re.findall(r"\d{3,4}[\dX]?(?:-\d\d)*", when)
        day = (years[-1].replace("X", "9") if years and not when.endswith("/..") else "") or published or "9999"
        return next((p["code"] for p in rules.own["periods"] if day <= str(p["to"])[: len(day)]), rules.names["future"])


def _year(text: str, start: int, end: int, published: str) -> str:
    """The year that a sentence speaks of, for aliases with dates: the first it names, else that of publication."""
    match = re.compile(r"\b(1[5-9]\d\d|20\d\d)\b").search(text, start, end)
    return match[0] if match else published


def _carried(sentence: Sentence) -> Context:
    """The context that a sentence leaves to the next."""
    before, mentioned = sentence.context, list(sentence.context.mentioned)
    subject, listed = (), before.listed
    for place, item in enumerate(sentence.items):
        mentioned += item.actors
        if not subject and item.low in sentence.rules.english["pronouns"]["subject"]:
            subject = before.subject
        if item.actors:
            named = sentence.listed(place)
            listed = named if len(named) > 1 else listed
            if not subject and not sentence.oblique(place):
                subject = named
    opened = sentence.text.count("“", sentence.start, sentence.end) - sentence.text.count(
        "”", sentence.start, sentence.end
    )
    speaker = claimant(sentence)
    if not speaker[0] or speaker[1] == "nobody":
        speaker = before.speaker
    quoting = opened > 0 or (
        opened == 0 and before.speaker[0] and "”" not in sentence.text[sentence.start : sentence.end]
    )
    return Context(subject or before.subject, listed, mentioned[-12:], speaker if quoting else ("", ""))


def _clause(sentence: Sentence, offset: int) -> int:
    """The hard clause that a character belongs to."""
    clause = sentence.hard[0] if sentence.hard else 0
    for item, number in zip(sentence.items, sentence.hard, strict=True):
        if item.start > offset:
            break
        clause = number
    return clause


def _span(sentence: Sentence, first: int, last: int) -> tuple[int, int]:
    return sentence.items[first].start, sentence.items[last - 1].end


def _matched(sentence: Sentence, *hits: Hit) -> str:
    """Offsets and words of hits: ``12-20 in order; 31-40 stability``."""
    parts = []
    for hit in hits:
        start, end = _span(sentence, hit.start, hit.end)
        parts.append(f"{start}-{end} {' '.join(sentence.text[start:end].split())}")
    return "; ".join(parts)


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


def code_text(coder: Coder, text: str, article: str, published: str = "", language: str = "en") -> pd.DataFrame:
    """Proposals for a text that nobody has cut: each line is a passage.

    Returns:
        Columns :data:`PROPOSED`; offsets count in ``text``; passages are p01, p02, ..., sentences p01.s1, ...
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
    return pd.DataFrame(rows, columns=PROPOSED)
