"""The codebook and the list of actors, read from data."""

from __future__ import annotations

from functools import cached_property

import pandas as pd

from claimtrace.errors import StudyError

#: Claim type of a body sentence that holds no claim.
NO_CLAIM = "NONE"


class Codebook:
    """Variables, codes and actors of a study.

    Args:
        codebook: content of ``codebook.yaml``.
        actors: content of ``actors.yaml``.

    Raises:
        StudyError: a required part is missing.
    """

    def __init__(self, codebook: dict, actors: dict):
        for part in ("version", "title", "rules", "variables"):
            if part not in codebook:
                raise StudyError(f"codebook.yaml: key {part!r} is missing")
        if "actors" not in actors:
            raise StudyError("actors.yaml: key 'actors' is missing")
        self.version = str(codebook["version"])
        self.title: str = codebook["title"]
        self.rules: list[dict] = codebook["rules"]
        self.variables: dict[str, dict] = codebook["variables"]
        #: Changes between versions: version, recoded (variables coded again), list (what changed, in words).
        self.changes: list[dict] = codebook.get("changes", [])
        self.actors: dict[str, dict] = {str(key): value for key, value in actors["actors"].items()}
        dangling = {key: a["part_of"] for key, a in self.actors.items() if a.get("part_of", key) not in self.actors}
        if dangling:
            key, parent = next(iter(dangling.items()))
            raise StudyError(
                f"actors.yaml: actor {key}: key part_of {parent!r} is no actor of the list; use the id of one"
            )

    def codes(self, variable: str) -> list[str]:
        """Valid codes of a variable in codebook order; empty for free text, dates and numbers."""
        entry = self.variables[variable]
        if entry.get("codes_from") == "actors":
            return list(self.actors)
        return [str(code) for code in entry.get("codes", {})]

    def label(self, variable: str, code: str) -> str:
        """Label of a code of a variable (or of an actor), for charts."""
        if self.variables[variable].get("codes_from") == "actors":
            return self.actor_label(code)
        return self.variables[variable]["codes"][code]["label"]

    def phrase(self, variable: str, code: str) -> str:
        """Label of a code inside a sentence: its first letter small, names as they are."""
        label = self.label(variable, code)
        return label[:1].lower() + label[1:]

    def group(self, variable: str, code: str) -> str:
        """Label of the group that a code belongs to."""
        entry = self.variables[variable]
        return entry["groups"][entry["codes"][code]["group"]]

    def actor_label(self, actor: str, short: bool = False) -> str:
        """Label of an actor; with ``short`` the one for charts, where the list has one."""
        entry = self.actors.get(actor, {"label": actor})
        return entry.get("short", entry["label"]) if short else entry["label"]

    def actor_names(self, cell: str) -> str:
        """A list cell of actor ids in words."""
        return ", ".join(self.actor_label(actor, short=True) for actor in cell.split(";") if actor)

    def actor_type(self, actor: str) -> str:
        return self.actors[actor]["type"] if actor in self.actors else ""

    def is_list(self, variable: str) -> bool:
        return bool(self.variables.get(variable, {}).get("list"))

    @cached_property
    def _parents(self) -> dict[str, str]:
        """Every actor to the top of its ``part_of`` chain."""
        top = {}
        for actor in self.actors:
            seen, here = [actor], actor
            while parent := self.actors[here].get("part_of"):
                if parent in seen:
                    raise StudyError(
                        f"actors.yaml, key part_of: goes round in a circle: {' > '.join([*seen, parent])}; remove one of these"
                    )
                seen.append(parent)
                here = parent
            top[actor] = here
        return top

    def roll_up(self, actor: str) -> str:
        """The actor that a person or an organ speaks and acts for: the top of its ``part_of`` chain."""
        return self._parents.get(actor, actor)

    def required(self, variable: str, claim: dict) -> bool:
        """Whether a claim must have a value for a variable."""
        rule = self.variables[variable].get("required_for", [])
        if claim["claim_type"] == NO_CLAIM:
            return variable == "claim_type"
        if rule == "all" or rule == "claims":
            return True
        if rule == "motive":
            return bool(claim.get("motive"))
        if rule == "quantity":
            return bool(claim.get("quantity_value"))
        return claim["claim_type"] in rule

    def allowed(self, variable: str, claim: dict) -> bool:
        """Whether a claim may have a value for a variable."""
        rule = self.variables[variable].get("required_for", [])
        if claim["claim_type"] == NO_CLAIM:
            return variable == "claim_type"
        if rule in ("motive", "quantity"):
            return self.required(variable, claim)
        allowed = self.variables[variable].get("allowed_for")
        return allowed is None or claim["claim_type"] in allowed

    def table(self) -> pd.DataFrame:
        """All codes as a table: variable, code, label, definition, include, exclude, example."""
        rows = []
        for name, entry in self.variables.items():
            for code, content in entry.get("codes", {}).items():
                row = {"variable": name, "code": str(code)}
                for part in ("label", "definition", "include", "exclude", "example"):
                    row[part] = content.get(part, "")
                rows.append(row)
        return pd.DataFrame(rows)
