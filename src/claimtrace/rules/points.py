"""A scorecard: how much speaks for an actor having a motive in a sentence.

For every holder and every indicator of a motive the coder asks what ties the two together: which construction, on which side, how
near, what kind of mention. Each answer is worth points (``points`` in ``indicators.yaml``); a pair is proposed where they add up
to the threshold. The points were fitted once, by logistic regression on coded sentences (``tools/fit_points.py``), and
rounded; what is applied is a sum of whole numbers that a reader can redo by hand.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from claimtrace.rules.lexicon import Hit, longest
from claimtrace.rules.sentence import Holder, Sentence

#: Constructions nearest to an indicator that are tried for it.
TRIED = 4
NOTHING = Hit(-1, -1, "none", "")
#: Sets of answers whose points are remembered.
REMEMBERED = 200_000
#: Constructions that tell of what is feared.
FEARS = frozenset({"fears", "fears_for", "worries"})


class Tie(NamedTuple):
    """A holder, an indicator of a motive and the construction between them, with the answers that earn points."""

    holder: Holder
    indicator: Hit
    trigger: Hit
    answers: tuple


def indicators(sentence: Sentence) -> list[Hit]:
    """Words of motives; of those that overlap the longest, then the one that goes first by precedence."""
    order = sentence.rules.order
    kept: list[Hit] = []
    for hit in sorted(sentence.scan.of("motive"), key=lambda h: (h.start - h.end, order.get(h.value, 99), h.start)):
        if all(hit.end <= other.start or other.end <= hit.start for other in kept):
            kept.append(hit)
    return sorted(kept)


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


def ties(sentence: Sentence) -> Iterator[Tie]:
    """Every holder with every indicator, by each of the constructions nearest to the indicator, and by none."""
    found = indicators(sentence)
    if not found or not sentence.holders:
        return
    around = triggers(sentence)
    never = sentence.rules.never
    kinds = _kinds(sentence)
    for indicator in found:
        barred = never.get(indicator.value, ())
        near = sorted(around, key=lambda hit: (_apart(hit, indicator), hit.start))[:TRIED]
        for holder in sentence.holders:
            inside = indicator.start <= holder.start < indicator.end
            if inside or any(actor in barred for actor in holder.actors):
                continue
            for trigger in (NOTHING, *near):
                yield Tie(holder, indicator, trigger, answers(sentence, holder, indicator, trigger, kinds))


def _apart(one: Hit, other: Hit) -> int:
    """Words between two hits; none where they share one."""
    return max(one.start - other.end, other.start - one.end, 0)


def _kinds(sentence: Sentence) -> tuple:
    """What a sentence is like: how many holders it names, whether it speaks of acts, hedges, says no."""
    count = min(len(sentence.named), 4)
    return (
        f"holders {count}",
        "act" if sentence.scan.of("act") else "",
        "speech" if sentence.scan.of("speech") else "",
        "long" if len(sentence.low) > 35 else "short" if len(sentence.low) < 12 else "",
    )


def answers(sentence: Sentence, holder: Holder, indicator: Hit, trigger: Hit, kinds: tuple) -> tuple:
    """The answers that earn points, few and discrete, so that each set of them is added up once."""
    rules = sentence.rules
    anchor = indicator if trigger is NOTHING else trigger
    name = trigger.value
    order = "-" if trigger is NOTHING else _order(trigger, indicator)
    same = trigger is NOTHING or sentence.hard[trigger.start] == sentence.hard[indicator.start]
    modal = any(low in rules.words["modals"] for low in sentence.low[max(0, anchor.start - 3) : anchor.start])
    no = any(hit.start < anchor.start <= hit.start + 4 for hit in sentence.scan.of("negation"))
    first = holder.actors[0]
    focus = rules.book.roll_up(first) == rules.study.focus
    size = "actor" if indicator.phrase.startswith("^") and " " not in indicator.phrase else "word"
    size = "phrase" if " " in indicator.phrase else size
    return (
        name,
        order,
        same,
        _position(sentence, holder, anchor),
        _between(sentence, holder, anchor),
        _reach(holder, indicator),
        "focus" if focus else rules.book.actor_type(first),
        indicator.value,
        size,
        modal,
        no,
        kinds,
    )


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
    """Where the holder stands, seen from the construction or else the indicator."""
    if holder.kind == "carried":
        clear = any(not h.oblique and h.start < anchor.start for h in sentence.named)
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


def _between(sentence: Sentence, holder: Holder, anchor: Hit) -> int:
    """How many other named holders stand nearer to the anchor, two at most."""
    if holder.start < 0:
        return min(sum(other.end <= anchor.start and not other.oblique for other in sentence.named), 2)
    low, high = (holder.end, anchor.start) if holder.end <= anchor.start else (anchor.end, holder.start)
    return min(sum(low <= other.start and other.end <= high for other in sentence.named), 2)


def _reach(holder: Holder, indicator: Hit) -> str:
    """How far the holder stands from the indicator, and on which side."""
    if holder.start < 0:
        return "outside"
    before = holder.end <= indicator.start
    gap = indicator.start - holder.end if before else holder.start - indicator.end
    bucket = "0-3" if gap <= 3 else "4-8" if gap <= 8 else "9-15" if gap <= 15 else "16-"
    return f"{'before' if before else 'after'} {bucket}"


def features(found: tuple, sides: str, kind: str) -> tuple[str, ...]:
    """The names under which a set of answers earns points.

    Args:
        found: output of :func:`answers`.
        sides: where the construction has its holder.
        kind: what the construction is about: its claim type, or none.
    """
    name, order, same, position, between, reach, actor, motive, size, modal, no, kinds = found
    names = [
        f"construction: {name}",
        f"order: {name}, {order}",
        f"order: {kind}, {order}",
        f"holder: {name}, {position}",
        f"holder: {sides}, {position}",
        f"holder: {position}",
        f"nearer: {between}",
        f"nearer: {sides}, {between}",
        f"distance: {reach}",
        f"actor: {actor}",
        f"motive: {motive}",
        f"motive: {motive}, {size}",
        f"motive: {motive}, {kind}",
        f"motive: {motive}, {'focus' if actor == 'focus' else 'other'}",
        f"size: {size}",
        f"size: {kind}, {size}",
    ]
    names += [f"sentence: {part}" for part in kinds if part]
    if not same:
        names += ["other clause", f"other clause: {name}"]
    if modal:
        names += ["modal", f"modal: {kind}"]
    if no:
        names.append("negation")
    return tuple(names)


class Scorecard:
    """The points of a study's rules, applied.

    Args:
        rules: a rulebook whose ``points`` name features, and whose ``threshold`` is what a pair must reach.
    """

    def __init__(self, rules):
        self.rules = rules
        own = rules.own.get("points", {})
        self.threshold = int(own.get("threshold", 0))
        self.worth: dict[str, int] = own.get("worth", {})
        self._sums: dict[tuple, int] = {}

    def describe(self, found: tuple) -> tuple[str, ...]:
        """The features of a set of answers."""
        made = self.rules.constructions.get(found[0])
        return features(found, made.holder if made else "none", _kind(made))

    def points(self, found: tuple) -> int:
        """What a set of answers is worth; each set is added up once."""
        total = self._sums.get(found)
        if total is None:
            if len(self._sums) >= REMEMBERED:
                self._sums.clear()
            total = self._sums[found] = sum(self.worth.get(name, 0) for name in self.describe(found))
        return total

    def motives(self, sentence: Sentence) -> list[tuple[int, Tie]]:
        """For each pair of holder and motive the tie with most points, where they reach the threshold, by place."""
        best: dict[tuple, tuple[int, Tie]] = {}
        for tie in ties(sentence):
            points = self.points(tie.answers)
            if points >= self.threshold:
                for actor in tie.holder.actors:
                    key = (actor, tie.indicator.value)
                    if key not in best or best[key][0] < points:
                        best[key] = (points, tie)
        kept = {(id(tie.holder), tie.indicator.value): (points, tie) for points, tie in best.values()}
        return sorted(
            kept.values(), key=lambda p: (p[1].indicator.start, p[1].indicator.value, p[1].holder.start, p[1].holder.actors)
        )


def _kind(made) -> str:
    """What a construction is about: its claim type, fears apart from wishes."""
    if made is None:
        return "none"
    return made.type + (" against" if made.against else "") + (" fear" if made.name in FEARS else "")
