"""The rules of a study, compiled: constructions of English, and the study's own indicators."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from claimtrace.errors import StudyError
from claimtrace.rules.mentions import Aliases
from claimtrace.rules.phrases import Phrases
from claimtrace.rules.qualify import Figures
from claimtrace.study import Study, read_yaml

ENGLISH = Path(__file__).with_name("english.yaml")
#: Keys that ``codebook/indicators.yaml`` must have.
REQUIRED = ("motives", "names", "attribution", "periods", "holders")


@dataclass(frozen=True)
class Construction:
    """A way in which English ties a reason to an actor: see ``english.yaml``."""

    name: str
    type: str
    holder: str
    content: str
    reach: int = 12
    against: bool = False


class Rulebook:
    """Everything that the coder looks for.

    Args:
        study: a study with ``codebook/indicators.yaml``.

    Raises:
        StudyError: no such file, a key is missing, a code or an actor is not in the codebook, a phrase is malformed.
    """

    def __init__(self, study: Study):
        self.study, self.book = study, study.codebook
        self.english = read_yaml(ENGLISH)
        self.own = read_yaml(study.root / "codebook" / "indicators.yaml")
        for key in REQUIRED:
            if key not in self.own:
                raise StudyError(f"indicators.yaml: key {key!r} is missing")
        self._check("motive", self.own["motives"])
        self._check("event_type", self.own.get("acts", {}))
        self._check("scope", self.own.get("scopes", {}))
        self._check("period", [period["code"] for period in self.own["periods"]])
        for part in ("aliases",):
            self._known(part, self.own.get(part, {}))
        self.names: dict[str, str] = self.own["names"]
        self._known("names", [self.names[key] for key in ("author", "unnamed", "media") if key in self.names])
        self.aliases = Aliases(self.book, self.own.get("aliases"), self.own.get("not_actors", []))
        skip = self.english["skip"]
        self.constructions = [
            Construction(name, **{key: value for key, value in entry.items() if key != "phrases"})
            for name, entry in self.english["constructions"].items()
        ]
        phrases = [entry["phrases"] for entry in self.english["constructions"].values()]
        self.triggers = Phrases([(p, i) for i, listed in enumerate(phrases) for p in listed], skip)
        self.motives = self._compiled(self.own["motives"])
        self.acts = self._compiled(self.own.get("acts", {}))
        self.scopes = self._compiled(self.own.get("scopes", {}))
        self.hedges = self._compiled(self.english["hedges"])
        self.negation = Phrases([(phrase, "-") for phrase in self.english["negation"] if "'" not in phrase], skip)
        self.future = Phrases([(phrase, "+") for phrase in self.english["future"]], skip)
        self.prescription = Phrases([(phrase, "+") for phrase in self.english["prescription"]], skip)
        self.speech = self._compiled(self.english["speech"])
        self.effects = Phrases([(phrase, "+") for phrase in self.english["effects"]])
        self.nobody = Phrases([(phrase, "nobody") for phrase in self.english["nobody"]], skip)
        self.media = Phrases([(phrase, "media") for phrase in self.english["media"]], skip)
        order = self.own.get("precedence", list(self.own["motives"]))
        self.order = {code: place for place, code in enumerate(order)}
        self.anaphora = Phrases(
            [
                (phrase, place)
                for place, entry in enumerate(self.own.get("anaphora", []))
                for phrase in entry["phrases"]
            ],
            skip,
        )
        self.figures = Figures(
            self.own.get("units", {}), self.english["numbers"], self.english["scales"], self.english["about"]
        )

    def _compiled(self, entries: dict[str, list[str]]) -> Phrases:
        listed = [(phrase, str(code)) for code, phrases in entries.items() for phrase in phrases or []]
        return Phrases(listed, self.english["skip"])

    def _check(self, variable: str, codes) -> None:
        valid = self.book.codes(variable) if variable in self.book.variables else []
        for code in codes:
            if str(code) not in valid:
                raise StudyError(
                    f"indicators.yaml: {variable} {code!r} is not in the codebook; there are: {', '.join(valid)}"
                )

    def _known(self, part: str, actors) -> None:
        for actor in actors:
            if actor not in self.book.actors:
                raise StudyError(f"indicators.yaml, {part}: {actor!r} is no actor of actors.yaml")

    @cached_property
    def words(self) -> dict[str, frozenset[str]]:
        """Sets of words by what they do: prepositions, places, lists, clauses, not_purpose, skip, pronouns."""
        sets = {
            key: frozenset(self.english[key])
            for key in (
                "prepositions",
                "places",
                "lists",
                "clauses",
                "not_purpose",
                "skip",
                "whole",
                "relative",
                "titles",
            )
        }
        pronouns = self.english["pronouns"]
        return sets | {"pronouns": frozenset(pronouns["possessive"]) | frozenset(pronouns["subject"])}

    def holds(self, actor: str) -> bool:
        """Whether an actor can have a motive."""
        return self.book.actor_type(actor) in self.own["holders"] and actor not in self.own.get("not_holders", [])
