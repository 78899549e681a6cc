"""The rules of a study, compiled: constructions of English, and the study's own indicators."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from claimtrace.claims import is_edtf
from claimtrace.errors import StudyError
from claimtrace.plain import read_yaml
from claimtrace.rules.lexicon import Lexicon, elements
from claimtrace.rules.qualify import Figures, known_dates
from claimtrace.shapes import conform
from claimtrace.study import Study, read_table

ENGLISH = Path(__file__).with_name("english.yaml")
#: Points that hold in any study: those of constructions, places and distances.
GENERAL = Path(__file__).with_name("points.csv")
#: How features begin that belong to a study: they name a motive of its codebook or a type of its actors.
OF_STUDY = ("motive: ", "indicator: ", "actor: ")
#: A feature of that kind that any study has: the actor is the focal one.
FOCAL = "actor: focus"
#: Variables to whose codes the names of ``codebook/indicators.yaml`` belong.
NAMED = {
    "motive_polarity": ("drive", "brake", "denied", "unclear"),
    "scope": ("focus_scope", "other_scope"),
    "period": ("future",),
    "event_type": ("request",),
    "claim_type": ("statement",),
}
#: Sets of words of ``english.yaml``.
SETS = (
    "prepositions", "lists", "clauses", "not_purpose", "skip", "whole", "titles", "modals", "auxiliaries", "be", "between", "participles",
    "relative", "asks", "denial", "accusing", "persons", "present", "pasts", "ahead", "addressed", "determiners", "function",
)  # fmt: skip


@dataclass(frozen=True)
class Construction:
    """A way in which English ties a reason to an actor: see ``english.yaml``."""

    name: str
    type: str
    holder: str
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
        self.own = read_yaml(study.note("codebook/indicators.yaml"))
        conform(self.own, "indicators", "indicators.yaml")
        self._check("motives", "motive", self.own["motives"])
        self._check("acts", "event_type", self.own.get("acts", {}))
        self._check("scopes", "scope", self.own.get("scopes", {}))
        self._check("periods", "period", [period["code"] for period in self.own["periods"]])
        self._known("aliases", self.own.get("aliases", {}))
        self.names: dict[str, str] = self.own["names"]
        for variable, keys in NAMED.items():
            self._check("names", variable, [self.names[key] for key in keys if key in self.names])
        self._check("attribution", "attribution", self.own["attribution"].values())
        for part in ("precedence", "never"):
            self._check(part, "motive", self.own.get(part, []))
        self._known("not_holders", self.own.get("not_holders", []))
        for actors in self.own.get("never", {}).values():
            self._known("never", actors)
        self._known("names", [self.names[key] for key in ("author", "unnamed", "other", "media") if key in self.names])
        self.anaphora: list[dict] = self.own.get("anaphora", [])
        self.constructions = {
            name: Construction(name, **{key: value for key, value in entry.items() if key != "phrases"})
            for name, entry in self.english["constructions"].items()
        }
        #: Words that hint at a type of claim; those of types that the codebook does not have are left out.
        types = self.book.codes("claim_type")
        self.statements = {code: phrases for code, phrases in self.english["statements"].items() if code in types}
        try:
            self.lexicon = self._compiled()
        except StudyError as error:
            raise StudyError(f"indicators.yaml, {error}") from None
        self.order = {code: n for n, code in enumerate(self.own.get("precedence", list(self.own["motives"])))}
        self.never = {code: frozenset(actors) for code, actors in self.own.get("never", {}).items()}
        self.holders = frozenset(actor for actor in self.book.actors if self._holds(actor))
        pronouns = self.english["pronouns"]
        self.words = {key: frozenset(self.english[key]) for key in SETS} | {
            "titles": frozenset((*self.english["titles"], *self.own.get("titles", ()))),
            "pronouns": frozenset(pronouns["possessive"]) | frozenset(pronouns["subject"]),
            "possessive": frozenset(pronouns["possessive"]),
            "subject": frozenset(pronouns["subject"]),
        }
        #: Nouns of reasons: before one of them a name is an adjective that says whose they are.
        self.nouns = frozenset(
            word
            for phrase in self.english["constructions"]["owned"]["phrases"]
            for word in elements(phrase)[-1]
            if "*" not in word
        )
        self.points = self._points(GENERAL)
        if (own := study.note("codebook/points.csv")).is_file():
            self.points |= self._points(own)
        self.dates = known_dates(self._dates())
        self.figures = Figures(
            self.own.get("units", {}), self.english["numbers"], self.english["scales"], self.english["about"]
        )

    def _compiled(self) -> Lexicon:
        english, own = self.english, self.own
        listed = {
            "trigger": [(p, n) for n, entry in english["constructions"].items() for p in entry["phrases"]],
            "anaphora": [(p, place) for place, entry in enumerate(self.anaphora) for p in entry["phrases"]],
        }
        for kind, table in (
            ("motive", own["motives"]),
            ("act", own.get("acts", {})),
            ("scope", own.get("scopes", {})),
            ("hedge", english["hedges"]),
            ("statement", self.statements),
            ("speech", english["speech"]),
        ):
            listed[kind] = [(phrase, str(code)) for code, phrases in table.items() for phrase in phrases or []]
        for kind in ("negation", "future", "nobody", "media"):
            listed[kind] = [(phrase, kind) for phrase in english[kind] if "'" not in str(phrase)]
        return Lexicon(listed, english["skip"], self.book, own.get("aliases"), own.get("not_actors", []))

    def _points(self, path: Path) -> dict[str, int]:
        table = read_table(path)
        if list(table.columns) != ["feature", "points"]:
            raise StudyError(f"{path.name}: columns must be feature, points")
        for number, row in enumerate(table.itertuples(), 2):
            if not re.fullmatch(r"-?\d{1,4}", row.points):
                raise StudyError(f"{path.name}, row {number}, column points: {row.points!r} is no whole number")
        return dict(zip(table["feature"], table["points"].astype(int), strict=True))

    def _dates(self) -> dict[str, list[str]]:
        """The names of dates in ``indicators.yaml``."""
        named = self.own.get("dates", {})
        for edtf in named:
            if not is_edtf(edtf):
                raise StudyError(f"indicators.yaml, at dates: {edtf!r} is no EDTF date")
        return named

    def _check(self, part: str, variable: str, codes) -> None:
        valid = self.book.codes(variable) if variable in self.book.variables else []
        for code in codes:
            if str(code) not in valid:
                raise StudyError(
                    f"indicators.yaml, at {part}: {variable} {code!r} is not in the codebook; there are: {', '.join(valid)}"
                )

    def _known(self, part: str, actors) -> None:
        for actor in actors:
            if actor not in self.book.actors:
                raise StudyError(f"indicators.yaml, at {part}: {actor!r} is no actor of actors.yaml")

    def _holds(self, actor: str) -> bool:
        """Whether an actor can have a motive."""
        return self.book.actor_type(actor) in self.own["holders"] and actor not in self.own.get("not_holders", [])


def general(feature: str) -> bool:
    """Whether the points of a feature hold in any study."""
    return feature == FOCAL or not feature.startswith(OF_STUDY)
