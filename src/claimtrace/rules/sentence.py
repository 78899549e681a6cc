"""A sentence as words, mentions and clauses: who could be meant by what stands where."""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from claimtrace.rules.lexicon import WORD, Hit, Scan
from claimtrace.rules.rulebook import Rulebook

#: Words between an act and its parties, a noun and who it belongs to.
NEAR = 6
_HARD = re.compile(r"[;—]|\s–\s|:\s")
#: What may stand between a mention and the one that it qualifies, besides a comma.
_WORDS = re.compile(r"[\w\s'’]")
#: Between a preposition and a mention these keep the two apart ("is near,” X said").
_CLOSED = re.compile(r"[,;”]")
_TURNS = frozenset({"but", "while", "whereas", "although", "though", "however"})


@dataclass
class Context:
    """What earlier sentences of a passage leave behind for later ones.

    Attributes:
        subject: actors that the last sentence was about.
        listed: actors that were last named together.
        mentioned: actors in the order of mention, the last one last.
        speaker: who is being quoted, and in which manner, while quotation marks are open.
        spoke: who was last said to say something.
        told: the last date that the passage told (EDTF).
    """

    subject: tuple[str, ...] = ()
    listed: tuple[str, ...] = ()
    mentioned: list[str] = field(default_factory=list)
    speaker: tuple[str, str] = ("", "")
    spoke: str = ""
    told: str = ""


class Holder(NamedTuple):
    """Who might have a motive: the words ``start`` to ``end`` that name the actors, -1 where only the sentence before does.

    ``kind`` is named, pronoun, again ("the group") or carried; ``oblique``: it stands after a preposition; ``owner``: in the
    genitive or as an adjective before a noun.
    """

    start: int
    end: int
    actors: tuple[str, ...]
    kind: str
    oblique: bool = False
    owner: bool = False


class Sentence:
    """A sentence as words and mentions, with its clauses."""

    def __init__(self, text: str, start: int, end: int, rules: Rulebook, context: Context, day: str):
        self.text, self.start, self.end, self.rules, self.context = text, start, end, rules, context
        self.scan: Scan = rules.lexicon.scan(text, start, end, day)
        self.words = self.scan.words
        self.low = [word.low for word in self.words]

    @cached_property
    def tokens(self) -> list[str]:
        """All words in small letters, those within the names of actors last."""
        spans = (self.text[self.scan.starts[place] : self.scan.ends[place]] for place in self.scan.mentions)
        return [low for low in self.low if low] + [word for name in spans for word in WORD.findall(name.lower())]

    @cached_property
    def clauses(self) -> tuple[list[int], list[int]]:
        """Clause of each word: hard clauses end at punctuation and at words such as "but", soft ones also at "which"."""
        hard, soft, starts, ends = [], [], self.scan.starts, self.scan.ends
        breaks = {match.start() for match in _HARD.finditer(self.text, self.start, self.end)}
        cuts = sorted(breaks)
        number = part = place = 0
        opens = self.rules.words["clauses"]
        for at, low in enumerate(self.low):
            broken = False
            while place < len(cuts) and cuts[place] < starts[at]:
                broken = broken or (at > 0 and cuts[place] >= ends[at - 1])
                place += 1
            if broken or low in _TURNS:
                number, part = number + 1, part + 1
            elif low in opens:
                part += 1
            hard.append(number)
            soft.append(part)
        return hard, soft

    @property
    def hard(self) -> list[int]:
        """Hard clause of each word."""
        return self.clauses[0]

    @property
    def soft(self) -> list[int]:
        """Soft clause of each word."""
        return self.clauses[1]

    def quoted(self, at: int) -> bool:
        """Whether a word stands between quotation marks."""
        text = self.text[self.start : self.scan.starts[at]]
        return text.count("“") > text.count("”") or text.count('"') % 2 == 1

    @property
    def asks(self) -> bool:
        """Whether it is a question."""
        return self.text[self.start : self.end].rstrip("\"'’”) \n").endswith("?")

    @cached_property
    def past_tense(self) -> bool:
        """Whether it tells of the past only, as far as its words show."""
        words = self.rules.words
        if not words["present"].isdisjoint(self.low):
            return False
        return not words["pasts"].isdisjoint(self.low) or any(low.endswith("ed") for low in self.low)

    def between(self, left: int, right: int) -> str:
        """The characters between two words."""
        return self.text[self.scan.ends[left] : self.scan.starts[right]]

    def stranger(self, verb: int) -> bool:
        """Whether a noun that is no actor stands right before a verb."""
        words = self.rules.words
        low = self.low[verb - 1] if verb else ""
        known = words["auxiliaries"] | words["pronouns"] | words["relative"] | words["titles"] | words["function"]
        return low.isalpha() and low not in known and not low.endswith("ly") and self.between(verb - 1, verb) == " "

    def ends(self, at: int) -> bool:
        """Whether a word is the last of its sentence, or before a comma or the like."""
        return self.text[self.scan.ends[at] : self.end][:1] in ("", *".,;:!?”")

    def intended(self, at: int) -> bool:
        """Whether a verb is an infinitive after a word of asking or refusing: not told as done ("wants the X to attack")."""
        before = self.low[max(at - 2 - NEAR, 0) : max(at - 1, 0)]
        return self.low[at - 1 : at] == ["to"] and not self.rules.words["asks"].isdisjoint(before)

    def attributive(self, start: int, end: int) -> bool:
        """Whether a single word is a participle before a noun ("the ousted government", "three jailed militants")."""
        if end != start + 1 or not start or end >= len(self.low) or not self.low[start].endswith("ed"):
            return False
        before, after = self.low[start - 1], self.low[end]
        opens = before in self.rules.words["determiners"] or before in self.rules.english["numbers"]
        plain = (
            (not after or after.isalpha()) and after not in self.rules.words["function"] and not after.endswith("ly")
        )
        return opens and plain and self.between(start, end) == " "

    # --- mentions and lists --------------------------------------------------------------------------------------------

    @cached_property
    def lists(self) -> dict[int, tuple[int, int]]:
        """Of each mention the first and last mention of its list ("A, B and also C")."""
        found: dict[int, tuple[int, int]] = {}
        group: list[int] = []
        for place in self.scan.mentions:
            if group and not self._joins(group[-1], place):
                self._close(group, found)
                group = []
            group.append(place)
        self._close(group, found)
        return found

    def _close(self, group: list[int], found: dict[int, tuple[int, int]]) -> None:
        # A comma alone makes no list: "in A, B decided".
        whole = len(group) > 1 and any(self.low[i] in ("and", "or", "well") for i in range(group[0], group[-1]))
        for place in group:
            found[place] = (group[0], group[-1]) if whole else (place, place)

    def _joins(self, left: int, right: int) -> bool:
        """Whether only a comma or words of a list stand between two mentions."""
        if right - left > 4:
            return False
        words = self.rules.words["lists"]
        if any(self.low[i] not in words for i in range(left + 1, right)):
            return False
        between = self.text[self.scan.ends[left] : self.scan.starts[right]]
        return ("," in between or right - left > 1 or "/" in between) and not _HARD.search(between)

    def listed(self, at: int, wanted: Container[str]) -> tuple[str, ...]:
        """Those of the wanted actors in the list of a mention, modifiers ("A's neighbours") left out, each once."""
        first, last = self.lists[at]
        found: list[str] = []
        for place in self.scan.mentions:
            if first <= place <= last and not self.modifies(place):
                actor = self.words[place].actors[0]
                if actor in wanted and actor not in found:
                    found.append(actor)
        return tuple(found)

    def modifies(self, at: int) -> bool:
        """Whether a mention only qualifies the mention after it, titles between ("A's X", "A's leader, X")."""
        place, titles = at + 1, self.rules.words["titles"]
        while place < len(self.low) and self.low[place] in titles:
            place += 1
        if place >= len(self.words) or not self.words[at].actors or not self.words[place].actors:
            return False
        signs = _WORDS.sub("", self.between(at, place))
        return not signs or (signs == "," and place > at + 1)

    def genitive(self, at: int) -> bool:
        """Whether a mention is in the genitive."""
        return self.text[self.scan.ends[at] : self.scan.ends[at] + 1] in ("'", "’")

    def oblique(self, at: int) -> bool:
        """Whether a mention stands after a preposition: a place, an object, a party, but not the one who acts."""
        place = self.lists[at][0] - 1
        skip, titles = self.rules.words["skip"], self.rules.words["titles"]
        titled = False
        while place >= 0:
            title = self.low[place] in titles
            if not (title or self.low[place] in skip or self.modifies(place) or (titled and self.words[place].actors)):
                break
            titled = title
            place -= 1
        low = self.low[place] if place >= 0 and not _CLOSED.search(self.between(place, place + 1)) else ""
        if low not in self.rules.words["prepositions"]:
            return False
        if low in ("of", "from") and place and self.low[place - 1] in self.rules.words["whole"]:
            return False
        # "For X, ..." names whom it is about; "confidence to X to expand", "a reason for X to stay" who is to act.
        opening = low == "for" and (place == 0 or self.hard[place - 1] != self.hard[place])
        return not opening and not (low in ("for", "to") and self.acts_next(at))

    def acts_next(self, at: int) -> bool:
        """Whether an infinitive follows a list of actors, with a word between at most ("for the X leadership to stay")."""
        following = self.low[self.lists[at][1] + 1 : self.lists[at][1] + 4]
        return "to" in following[:2] and len(following) > 1

    # --- who is meant --------------------------------------------------------------------------------------------------

    @cached_property
    def named(self) -> list[Holder]:
        """Those who can have motives and are named in the sentence, lists taken together."""
        return self._named(self.rules.holders)

    @cached_property
    def everyone(self) -> list[Holder]:
        """Actors of any kind that are named in the sentence, lists taken together."""
        return self._named(self.rules.book.actors)

    def _named(self, wanted: Container[str]) -> list[Holder]:
        found, done = [], -1
        for place in self.scan.mentions:
            if place <= done:
                continue
            first, last = self.lists[place]
            done = last
            if actors := self.listed(place, wanted):
                owner = self.genitive(last) or self._adjective(last)
                found.append(Holder(first, last + 1, actors, "named", self.oblique(place), owner))
        return found

    def _adjective(self, at: int) -> bool:
        """Whether a mention stands as an adjective before a noun: a small word follows that is no function word."""
        following = at + 1
        if following >= len(self.low) or not self.low[following]:
            return False
        between = self.text[self.scan.ends[at] : self.scan.starts[following]]
        return between == " " and self.low[following] in self.rules.nouns

    def resolve(self, at: int) -> tuple[str, ...]:
        """The actors that a pronoun stands for: whom the sentence was about so far, else the sentence before."""
        before = [holder for holder in self.named if holder.end <= at]
        best = next((holder for holder in before if not holder.oblique), None) or (before[0] if before else None)
        return best.actors if best else self.context.subject

    @cached_property
    def holders(self) -> list[Holder]:
        """All who might have a motive in the sentence, by place; last the subject of the sentence before."""
        found = list(self.named)
        pronouns = self.rules.words["pronouns"]
        for at, low in enumerate(self.low):
            if low in pronouns and (actors := self.resolve(at)):
                own = low in self.rules.words["possessive"]
                found.append(Holder(at, at + 1, actors, "pronoun", False, own))
        for hit in self.scan.of("anaphora"):
            entry = self.rules.anaphora[hit.value]
            kinds, book = entry["types"], self.rules.book
            earlier = [self.words[i].actors[0] for i in self.scan.mentions if i < hit.start]
            fits = [a for a in [*self.context.mentioned, *earlier] if book.actor_type(a) in kinds]
            named = self.context.listed if entry.get("all") else fits[-1:]
            if actors := tuple(actor for actor in named if actor in self.rules.holders):
                found.append(Holder(hit.start, hit.end, actors, "again"))
        found.sort()
        if self.context.subject:
            found.append(Holder(-1, -1, self.context.subject, "carried"))
        return found

    def _beside(self, verb: int) -> Holder | None:
        """Who stands right before a verb, auxiliaries and adverbs between ("..., and Spain has quietly offered")."""
        place = verb
        while place and (self.low[place - 1] in self.rules.words["auxiliaries"] or self.low[place - 1].endswith("ly")):
            place -= 1
        owner = (holder for holder in self.holders if holder.owner and holder.end == verb)
        return next((holder for holder in self._agents if holder.end == place), None) or next(owner, None)

    def _antecedent(self, at: int) -> Holder | None:
        """Whom the relative pronoun means that opens the clause of a word ("the X, who were sheltering him")."""
        opens = self.soft.index(self.soft[at]) if at < len(self.soft) else 0
        if not opens or self.low[opens] not in self.rules.words["relative"]:
            return None
        return next((holder for holder in self.named if holder.end == opens), None)

    @cached_property
    def _agents(self) -> list[Holder]:
        """Those in the sentence who can be the subject of a verb: no mention after a preposition, no "their"."""
        return [h for h in self.holders if h.start >= 0 and not h.oblique and not (h.kind == "pronoun" and h.owner)]

    def subject(self, before: int) -> Holder | None:
        """Who acts in the clause of word ``before``: who stands beside it, or is meant by "who"; then the first of its clause, of
        earlier ones, the sentence before; the owner of "their" where there is nobody else."""
        if found := self._beside(before) or self._antecedent(before):
            return found
        top = (self.soft[before:] or self.soft[-1:] or [0])[0]
        choices = [
            holder for holder in self.holders if holder.start >= 0 and holder.end <= before and not holder.oblique
        ]
        for clause in range(top, -1, -1):
            own = [holder for holder in choices if self.soft[holder.start] == clause]
            if own:
                return next((holder for holder in own if holder in self._agents), own[0])
        return next((holder for holder in self.holders if holder.kind == "carried"), None)

    def doer(self, start: int, end: int) -> tuple[Holder | None, Holder | None]:
        """Who does what the words ``start`` to ``end`` tell, and, where it is told in the passive, to whom.

        The doer is the one after "by", else who stands before as the subject of the clause, else the one after "of" ("the withdrawal of
        X"), else who stands before at all. Of a passive that names no doer it is the unnamed actor, of another verb of the past the
        actor that is not on the list, and else the first that the clause names.
        """
        before = self.subject(start)
        if before is not None and before.kind == "carried":
            before = None
        own = [holder for holder in self.named if self.hard[holder.start] == self.hard[start]]
        after = [holder for holder in own if holder.start >= end]
        agent = next(
            (h for h in after if h.start <= end + NEAR and "by" in self.low[max(end, h.start - 3) : h.start]), None
        )
        if agent is not None:
            passive = before is not None and not set(before.actors) & set(agent.actors)
            return agent, before if passive else None
        if self.passive(start):
            near = (
                holder
                for holder in (*self.everyone, *self.holders)
                if 0 <= holder.start < start and self.soft[holder.start] == self.soft[start] and not holder.oblique
            )
            return self.somebody("unnamed", start), next(near, Holder(start, start, (), "nobody"))
        of = next((h for h in after if h.start <= end + 2 and "of" in self.low[end - 1 : end + 1]), None)
        slant = next((h for h in own if h.end <= start and self.soft[h.start] == self.soft[start]), None)
        if before or of or slant:
            return before or of or slant, None
        met = next(iter(own), None)
        if self.past(start):
            return (self.somebody("other", start), met) if met and "other" in self.rules.names else (None, None)
        return met, None

    def charged(self, at: int) -> tuple[Holder | None, Holder | None]:
        """Who charges whom with what a word tells ("A accuses B of harbouring"); nobody where it is told otherwise."""
        if not (self.low[at].endswith("ing") and at and self.low[at - 1] in ("of", "for", "with")):
            return None, None
        for place in range(at - 2, max(at - 2 * NEAR, -1), -1):
            if self.low[place] in self.rules.words["accusing"]:
                accused = next((h for h in self.holders if place < h.start < at), None)
                return (self.subject(place), accused) if accused else (None, None)
        return None, None

    def passive(self, at: int) -> bool:
        """Whether a word is the participle of a passive ("was later killed")."""
        words = self.rules.words
        if not self.past(at):
            return False
        place = at
        while place and (self.low[place - 1] in words["between"] or self.low[place - 1].endswith("ly")):
            place -= 1
        return place > 0 and self.low[place - 1] in words["be"]

    def past(self, at: int) -> bool:
        """Whether a word is a verb in the past or a participle."""
        return self.low[at].endswith("ed") or self.low[at] in self.rules.words["participles"]

    def somebody(self, name: str, at: int) -> Holder:
        """Somebody whom the sentence does not name, or who is not on the list of actors."""
        return Holder(at, at, (self.rules.names[name],), name)

    def about(self) -> Holder | None:
        """Whom the sentence is about where no word tells: the first actor of any kind that stands after no preposition, else the first;
        nobody where the sentence itself has no word for an actor."""
        meant = {*self.everyone, *(holder for holder in self.holders if holder.start >= 0)}
        found = sorted(meant, key=lambda holder: (holder.start, -len(holder.actors), holder.kind, holder))
        return next((holder for holder in found if not holder.oblique), found[0] if found else None)

    def parties(self, at: int) -> tuple[str, ...]:
        """The first list of actors of any type after a word, places left out."""
        for place in self.scan.mentions:
            if at <= place < at + NEAR + 2 and not self.modifies(place):
                first, last = self.lists[place]
                held = (self.words[i].actors[0] for i in self.scan.mentions if first <= i <= last)
                return tuple(dict.fromkeys(held))
        return ()

    def toward(self, at: int, subject: tuple[str, ...]) -> tuple[str, ...]:
        """Toward whom a subject acts: the parties after a word, else the first other actor that its clause names."""
        target = tuple(actor for actor in self.parties(at) if actor not in subject)
        clause = self.hard[min(at, len(self.words)) - 1]
        others = [
            (self.words[place].actors[0],)
            for place in self.scan.mentions
            if self.hard[place] == clause and not self.modifies(place)
        ]
        others += [
            holder.actors for holder in self.holders if holder.kind == "again" and self.hard[holder.start] == clause
        ]
        others = [tuple(actor for actor in actors if actor not in subject) for actors in others]
        return target or next((actors for actors in others if actors), ())

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Characters of the words ``start`` to ``end``."""
        return self.scan.starts[start], self.scan.ends[end - 1]

    def shown(self, *hits: Hit) -> str:
        """Offsets and words of hits: ``12-20 in order; 31-40 stability``."""
        parts = []
        for hit in hits:
            start, end = self.span(hit.start, hit.end)
            parts.append(f"{start}-{end} {' '.join(self.text[start:end].split())}")
        return "; ".join(parts)

    def leaves(self, speaker: tuple[str, str], told: str = "") -> Context:
        """The context that a sentence leaves to the next.

        Args:
            speaker: who says what this sentence says, and in which manner.
            told: the last date that it tells (EDTF).
        """
        before = self.context
        subject, listed = (), before.listed
        for holder in self.named:
            listed = holder.actors if len(holder.actors) > 1 else listed
        for holder in self.holders:
            if holder.kind != "carried" and not holder.oblique:
                subject = holder.actors
                break
        opened = self.text.count("“", self.start, self.end) - self.text.count("”", self.start, self.end)
        closes = "”" in self.text[self.start : self.end]
        quoting = opened > 0 or (opened == 0 and before.speaker[0] and not closes)
        said = speaker if speaker[0] and speaker[1] != "nobody" else before.speaker
        mentioned = [*before.mentioned, *(self.words[i].actors[0] for i in self.scan.mentions)]
        spoke = speaker[0] if speaker[1] != "nobody" else ""
        return Context(
            subject or before.subject,
            listed,
            mentioned[-12:],
            said if quoting else ("", ""),
            spoke or before.spoke,
            told or before.told,
        )
