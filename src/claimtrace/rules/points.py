"""A scorecard: how much speaks for an actor having a motive in a sentence.

For every holder and every indicator of a motive the coder asks what ties the two together: which construction, on which side, how
near, what kind of mention. Each answer is worth points, and a pair is proposed where they add up to more than nothing. The points
were fitted once, by logistic regression on coded sentences (``tools/fit_points.py``), and rounded; what is applied is a sum of
whole numbers that a reader can redo by hand (:meth:`Scorecard.account`). Such scorecards are common where a decision has to be
explained (Ustun and Rudin 2019, Learning Optimized Risk Scores, JMLR 20).

A sum has four parts: what the sentence is like, what the construction says of the indicator, where the holder stands seen from
the construction, and how far holder and indicator stand apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from claimtrace.rules.lexicon import Hit, longest
from claimtrace.rules.rulebook import Rulebook
from claimtrace.rules.sentence import Holder, Sentence

#: Constructions nearest to an indicator that are tried for it.
TRIED = 4
#: Holders, and indicators, of a sentence that are looked at: no sentence of prose has more.
MOST = 24
NOTHING = Hit(-1, -1, "none", "")
#: Sets of answers whose points are remembered.
REMEMBERED = 100_000
#: Constructions that tell of what is feared.
FEARS = frozenset({"fears", "fears_for", "worries"})


class Tie(NamedTuple):
    """A holder, an indicator of a motive, and the construction between them or :data:`NOTHING`."""

    holder: Holder
    indicator: Hit
    trigger: Hit


def indicators(sentence: Sentence) -> list[Hit]:
    """Words of motives; of those that overlap the longest, then the one that goes first by precedence."""
    order = sentence.rules.order
    kept: list[Hit] = []
    hits = sentence.scan.of("motive")
    for hit in (
        sorted(hits, key=lambda h: (h.start - h.end, order.get(h.value, 99), h.start)) if len(hits) > 1 else hits
    ):
        if all(hit.end <= other.start or other.end <= hit.start for other in kept):
            kept.append(hit)
    return sorted(kept)[:MOST]


def triggers(sentence: Sentence) -> list[Hit]:
    """Constructions in a sentence; of those that share a word the longest, and no "to" that is no purpose."""
    rules, low = sentence.rules, sentence.low
    kept = []
    for hit in longest(sentence.scan.of("trigger")):
        if hit.value == "to_infinitive":
            before = low[hit.start - 1] if hit.start else ""
            after = low[hit.end] if hit.end < len(low) else ""
            verb = after.isalpha() and not after.endswith("ing") and after not in rules.words["skip"]
            if not verb or before in rules.words["not_purpose"]:
                continue
        kept.append(hit)
    return kept


# --- answers: few and discrete, so that each set of them is added up once ------------------------------------------------


def of_sentence(sentence: Sentence) -> tuple:
    """What a sentence is like: how many holders it names, whether it speaks of acts or sayings, how long it is."""
    return (
        min(len(sentence.named), 4),
        bool(sentence.scan.of("act")),
        bool(sentence.scan.of("speech")),
        "long" if len(sentence.low) > 35 else "short" if len(sentence.low) < 12 else "",
    )


def of_content(sentence: Sentence, trigger: Hit, indicator: Hit, found: list[Hit], around: list[Hit]) -> tuple:
    """What a construction says of an indicator: which one, on which side, how near, with what between, negated or not."""
    anchor = indicator if trigger is NOTHING else trigger
    order, same = "-", True
    if trigger is not NOTHING:
        order, same = _order(trigger, indicator), sentence.hard[trigger.start] == sentence.hard[indicator.start]
    modals = sentence.rules.words["modals"]
    return (
        trigger.value,
        trigger.phrase,
        order,
        same,
        indicator.value,
        indicator.phrase,
        not modals.isdisjoint(sentence.low[max(0, anchor.start - 3) : anchor.start]),
        any(hit.start < anchor.start <= hit.start + 4 for hit in sentence.scan.of("negation")),
        _between(trigger, indicator, found),
        _between(trigger, indicator, around),
    )


def of_holder(sentence: Sentence, holder: Holder, anchor: Hit, around: list[Hit], trigger: str) -> tuple:
    """Where a holder stands, seen from a construction or else from the indicator."""
    if holder.start < 0:
        nearer = min(sum(other.end <= anchor.start and not other.oblique for other in sentence.named), 2)
        return trigger, _position(sentence, holder, anchor), nearer, 0
    turns = 0 if trigger == NOTHING.value else _between(holder, anchor, around)
    return trigger, _position(sentence, holder, anchor), _between(holder, anchor, sentence.named), turns


def of_pair(sentence: Sentence, holder: Holder, indicator: Hit) -> tuple:
    """How far holder and indicator stand apart, what kind of actor it is, whether only one of them is quoted."""
    book, actor = sentence.rules.book, holder.actors[0]
    kind = "focus" if book.roll_up(actor) == sentence.rules.study.focus else book.actor_type(actor)
    if holder.start < 0:
        return "outside", kind, indicator.value, sentence.quoted(indicator.start)
    before = holder.end <= indicator.start
    gap = indicator.start - holder.end if before else holder.start - indicator.end
    bucket = "0-3" if gap <= 3 else "4-8" if gap <= 8 else "9-15" if gap <= 15 else "16-"
    quoted = sentence.quoted(indicator.start) and not sentence.quoted(holder.start)
    return f"{'before' if before else 'after'} {bucket}", kind, indicator.value, quoted


def _order(trigger: Hit, indicator: Hit) -> str:
    """Where the indicator stands, seen from the construction, and how far."""
    if indicator.start < trigger.end and trigger.start < indicator.end:
        return "part"
    if indicator.start >= trigger.end:
        gap = indicator.start - trigger.end
        return "next" if gap <= 2 else "after" if gap <= 6 else "far after" if gap <= 14 else "remote after"
    gap = trigger.start - indicator.end
    return "just before" if gap <= 1 else "before" if gap <= 6 else "far before"


def _position(sentence: Sentence, holder: Holder, anchor: Hit) -> str:
    if holder.kind == "carried":
        clear = any(not other.oblique and other.start < anchor.start for other in sentence.named)
        return "carried, another before" if clear else "carried"
    if holder.start >= anchor.start and holder.end <= anchor.end:
        return f"{holder.kind} inside"
    if holder.start >= anchor.end:
        gap = holder.start - anchor.end
        return f"{holder.kind} {'next' if gap <= 1 else 'after' if gap <= 6 else 'far after'}"
    if holder.owner and anchor.start - holder.end <= 2:
        return f"{holder.kind} owner"
    where = "oblique" if holder.oblique else "subject"
    if sentence.soft[holder.start] == sentence.soft[anchor.start]:
        return f"{holder.kind} {where} same"
    same = sentence.hard[holder.start] == sentence.hard[anchor.start]
    return f"{holder.kind} {where} {'clause' if same else 'other'}"


def _between(one, other, things: Iterable) -> int:
    """How many things stand between two, two at most; none where one of the two has no place."""
    if one.start < 0 or other.start < 0:
        return 0
    low, high = (one.end, other.start) if one.end <= other.start else (other.end, one.start)
    count = 0
    for thing in things:
        if low <= thing.start and thing.end <= high:
            count += 1
            if count == 2:
                break
    return count


# --- features: the names under which answers earn points -------------------------------------------------------------------


class Scorecard:
    """The points of a study's rules, applied.

    Args:
        rules: a rulebook; its ``points`` give what a feature is worth.
    """

    def __init__(self, rules: Rulebook):
        self.rules = rules
        self._sums: dict[Callable, dict[tuple, int]] = {}

    def _sentence(self, answers: tuple) -> list[str]:
        count, acts, says, length = answers
        named = [f"sentence: holders {count}"]
        named += ["sentence: act"] if acts else []
        named += ["sentence: speech"] if says else []
        return named + ([f"sentence: {length}"] if length else [])

    def _content(self, answers: tuple) -> list[str]:
        name, phrase, order, same, motive, shown, modal, no, rank, nested = answers
        kind = self.kind(name)
        size = "phrase" if " " in shown else "actor" if shown.startswith("^") else "word"
        named = [
            f"construction: {name}", f"order: {name}, {order}", f"order: {kind}, {order}",
            f"motive: {motive}", f"motive: {motive}, {size}", f"motive: {motive}, {kind}", f"indicator: {motive}: {shown}",
            f"size: {size}", f"size: {kind}, {size}",
        ]  # fmt: skip
        if name != NOTHING.value:
            named += [f"rank: {rank}", f"rank: {order}, {rank}", f"nested: {nested}", f"nested: {order}, {nested}"]
            named.append(f"phrase: {phrase}")
        named += [] if same else ["other clause", f"other clause: {name}"]
        named += ["modal", f"modal: {kind}"] if modal else []
        return named + (["negation"] if no else [])

    def _holder(self, answers: tuple) -> list[str]:
        name, position, nearer, turns = answers
        made = self.rules.constructions.get(name)
        side = made.holder if made else "none"
        named = [
            f"holder: {name}, {position}", f"holder: {side}, {position}", f"holder: {position}",
            f"nearer: {nearer}", f"nearer: {side}, {nearer}",
        ]  # fmt: skip
        return named if name == NOTHING.value else [*named, f"turns: {turns}", f"turns: {position}, {turns}"]

    def _pair(self, answers: tuple) -> list[str]:
        reach, actor, motive, quoted = answers
        focus = "focus" if actor == "focus" else "other"
        named = [f"distance: {reach}", f"actor: {actor}", f"motive: {motive}, {focus}"]
        return [*named, "quoted"] if quoted else named

    def kind(self, name: str) -> str:
        """What a construction is about: its claim type, fears apart from wishes, what holds back apart from what drives."""
        made = self.rules.constructions.get(name)
        if made is None:
            return "none"
        return made.type + (" against" if made.against else "") + (" fear" if name in FEARS else "")

    def _worth(self, features: Callable[[tuple], list[str]], answers: tuple) -> int:
        known = self._sums.setdefault(features.__name__, {})
        total = known.get(answers)
        if total is None:
            if len(known) >= REMEMBERED:
                known.clear()
            worth = self.rules.points
            total = known[answers] = sum(worth.get(name, 0) for name in features(answers))
        return total

    def ties(self, sentence: Sentence) -> list[tuple[Tie, tuple[tuple, ...]]]:
        """Every holder with every indicator by each construction that is tried, and the answers of the four parts."""
        rows = []
        for holder, indicator, tried, found, around in _combined(sentence):
            pair = of_pair(sentence, holder, indicator)
            for trigger in tried:
                anchor = indicator if trigger is NOTHING else trigger
                content = of_content(sentence, trigger, indicator, found, around)
                stands = of_holder(sentence, holder, anchor, around, trigger.value)
                rows.append((Tie(holder, indicator, trigger), (of_sentence(sentence), content, stands, pair)))
        return rows

    def account(self, answers: tuple[tuple, ...]) -> list[str]:
        """The features of a tie, in the order of its four parts."""
        sentence, content, holder, pair = answers
        return [*self._sentence(sentence), *self._content(content), *self._holder(holder), *self._pair(pair)]

    def motives(self, sentence: Sentence) -> list[tuple[int, Tie]]:
        """For each pair of holder and motive the tie with most points, where they come to more than nothing, by place."""
        best: dict[tuple, tuple[int, Tie]] = {}
        base, contents, places = None, {}, {}
        for holder, indicator, tried, found, around in _combined(sentence):
            if base is None:
                base = self.rules.points.get("bias", 0) + self._worth(self._sentence, of_sentence(sentence))
            pair = base + self._worth(self._pair, of_pair(sentence, holder, indicator))
            chosen, most = NOTHING, None
            for trigger in tried:
                nothing = trigger is NOTHING
                content = contents.get((trigger, indicator))
                if content is None:
                    content = self._worth(self._content, of_content(sentence, trigger, indicator, found, around))
                    contents[trigger, indicator] = content
                anchor = indicator if nothing else trigger
                place = places.get((holder, anchor, nothing))
                if place is None:
                    place = self._worth(self._holder, of_holder(sentence, holder, anchor, around, trigger.value))
                    places[holder, anchor, nothing] = place
                if most is None or content + place > most:
                    chosen, most = trigger, content + place
            if most is not None and pair + most > 0:
                for actor in holder.actors:
                    key = (actor, indicator.value)
                    if key not in best or best[key][0] < pair + most:
                        best[key] = (pair + most, Tie(holder, indicator, chosen))
        kept = {(tie.holder, tie.indicator.value): (points, tie) for points, tie in best.values()}
        return sorted(
            kept.values(),
            key=lambda p: (p[1].indicator.start, p[1].indicator.value, p[1].holder.start, p[1].holder.actors),
        )


def _combined(sentence: Sentence):
    """Holders with indicators that they can have, the constructions tried for the indicator, all indicators, all constructions."""
    if not sentence.scan.of("motive"):
        return
    holders = sentence.holders[:MOST]
    if not holders:
        return
    found, around = indicators(sentence), triggers(sentence)
    for indicator in found:
        barred = sentence.rules.never.get(indicator.value, ())
        near = around
        if len(around) > TRIED:
            near = sorted(
                around, key=lambda hit: (max(hit.start - indicator.end, indicator.start - hit.end, 0), hit.start)
            )
        tried = (NOTHING, *near[:TRIED])
        for holder in holders:
            if not indicator.start <= holder.start < indicator.end and not any(a in barred for a in holder.actors):
                yield holder, indicator, tried, found, around
