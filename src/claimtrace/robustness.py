"""The ranking of motives under every defensible choice: a declared grid of specifications.

A multiverse or specification-curve analysis (Simonsohn, Simmons and Nelson 2020, Nature Human Behaviour 4, 1208-1214;
Steegen et al. 2016, Perspectives on Psychological Science 11, 702-712): each choice that could have been made otherwise
is made otherwise, in every combination, and the headline is looked up in each.
"""

from __future__ import annotations

import hashlib
import io
import itertools
import json
from pathlib import Path

import numpy as np
import pandas as pd

from claimtrace import claims
from claimtrace.claims import UNITS, split_cell
from claimtrace.compare import DIRECTIONS, motives_of, present, with_outlet
from claimtrace.errors import StudyError
from claimtrace.files import read_sealed, write_sealed
from claimtrace.study import Study

#: How a claim with several subjects counts for each: fully, or one divided by their number.
WEIGHTINGS = ("full", "divided")
#: The choices that make up a specification, in the order in which they are shown.
CHOICES = ["coding", "unit", "scope", "voice", "strength", "weighting", "left_out"]
#: Stands for "nothing is left out" and "every value is kept".
ALL = "all"


def leave_outs(study: Study) -> list[str]:
    """What is left out in turn: nothing, each article, each outlet that has more than one article."""
    outlets = study.articles["outlet"].value_counts()
    several = sorted(outlet for outlet, n in outlets.items() if n > 1 and outlet)
    return [ALL, *(f"article {slug}" for slug in study.articles["slug"]), *(f"outlet {name}" for name in several)]


def grid(study: Study, declared: dict[str, list[str]]) -> pd.DataFrame:
    """Every combination of the declared choices: a row a specification, columns :data:`CHOICES`.

    Args:
        declared: choice to its values; those of ``left_out`` follow from the catalogue where it is missing. A value of scope
            or voice is :data:`ALL` or codes with ``;`` between them; of strength :data:`ALL` or ``explicit``.
    """
    declared = {"left_out": leave_outs(study)} | declared
    return pd.DataFrame(itertools.product(*(declared[choice] for choice in CHOICES)), columns=CHOICES)


def held_by(study: Study, coding: str) -> pd.DataFrame:
    """The motives of a coding that are not denied, one row a claim and actor, with ``row``, ``outlet``, ``weight``.

    ``row`` is motive and direction; ``weight`` one divided by the number of the claim's actors.
    """
    table = claims.select(claims.load(study, coding), motive_polarity=list(DIRECTIONS))
    held = with_outlet(motives_of(present(table), study), study)
    actors = held.groupby("claim_id")["actor"].transform("size")
    return held.assign(row=held["motive"] + " " + held["motive_polarity"], weight=1 / actors)


def kept(held: pd.DataFrame, spec) -> np.ndarray:
    """Which claims a specification (a row of :func:`grid`) counts: a flag a row of ``held``."""
    keep = np.ones(len(held), dtype=bool)
    for column in ("scope", "voice", "strength"):
        if (value := getattr(spec, column)) != ALL:
            keep &= held[column].isin(split_cell(value)).to_numpy()
    kind, _, name = spec.left_out.partition(" ")
    if kind != ALL:
        keep &= (held[kind] != name).to_numpy()
    return keep


class _Counter:
    """Counts by actor and row under any specification, fast enough for thousands of them."""

    def __init__(self, held: pd.DataFrame):
        self.held = held
        keys, self.names = pd.factorize(pd.MultiIndex.from_frame(held[["actor", "row"]]), sort=True)
        # A unit (a claim, proposition or article) counts once for an actor and row, with its largest weight.
        self.units = {}
        for unit, column in UNITS.items():
            pairs, found = pd.factorize(pd.MultiIndex.from_arrays([keys, held[column]]))
            self.units[unit] = pairs, found.get_level_values(0).to_numpy(dtype=int)

    def counts(self, spec) -> pd.DataFrame:
        """n and articles of each actor and row that has any."""
        keep = kept(self.held, spec)
        weight = self.held["weight"].to_numpy() if spec.weighting == "divided" else np.ones(len(self.held))
        pairs, keys = self.units[spec.unit]
        largest = np.zeros(len(keys))
        np.maximum.at(largest, pairs[keep], weight[keep])
        n = np.bincount(keys, largest, minlength=len(self.names))
        pairs, keys = self.units["articles"]
        there = np.zeros(len(keys), dtype=bool)
        there[pairs[keep]] = True
        articles = np.bincount(keys[there], minlength=len(self.names))
        return pd.DataFrame({"n": n, "articles": articles}, index=self.names)[n > 0]


def run(study: Study, specifications: pd.DataFrame, actors: list[str], cache: Path | None = None) -> pd.DataFrame:
    """The counts of every motive of the given actors under every specification.

    Args:
        specifications: output of :func:`grid`.
        cache: folder for results, one file a coding, named by the content of everything that they follow from; a result that is
            there is read instead of computed.

    Returns:
        spec (position in ``specifications``), actor, row, n, articles. A motive that a specification leaves no claim of has no row.

    Raises:
        StudyError: there is no actor.
    """
    if not actors:
        raise StudyError("minimum: no actor has as many claims in the headline; give a smaller number")
    found = []
    for coding, specs in specifications.groupby("coding", sort=False):
        file = cache / f"robustness-{_key(study, coding, specs, actors)}.csv" if cache else None
        study.note(f"coding/{coding}.csv")  # an input, whether or not its result is there already
        text = read_sealed(file) if file else None  # a result that was damaged is computed again
        if text is not None:
            found.append(pd.read_csv(io.StringIO(text), keep_default_na=False))
            continue
        held = held_by(study, coding)
        held = held[held["actor"].isin(actors)]
        counter = _Counter(held)
        rows = [
            (spec.Index, *row.Index, row.n, row.articles)
            for spec in specs.itertuples()
            for row in counter.counts(spec).itertuples()
        ]
        table = pd.DataFrame(rows, columns=["spec", "actor", "row", "n", "articles"]).round({"n": 6})
        text = table.to_csv(index=False, lineterminator="\n")
        if file:
            cache.mkdir(parents=True, exist_ok=True)
            write_sealed(file, text)
        found.append(pd.read_csv(io.StringIO(text), keep_default_na=False))
    return pd.concat(found, ignore_index=True)


def _key(study: Study, coding: str, specs: pd.DataFrame, actors: list[str]) -> str:
    """Hash of everything that a result follows from: the data, the choices and this code."""
    digest = hashlib.sha256()
    files = [study.coding_path(coding), study.root / "study.yaml", study.root / "articles.csv"]
    files += [study.root / "codebook" / "actors.yaml", study.root / "codebook" / "codebook.yaml"]
    files += [
        Path(__file__).with_name(f"{name}.py") for name in ("claims", "codebook", "compare", "robustness", "study")
    ]
    for file in files:
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    digest.update(json.dumps([specs.reset_index().to_numpy().tolist(), sorted(actors)]).encode("utf-8"))
    return digest.hexdigest()[:16]


def headline(counts: pd.DataFrame) -> dict[str, str]:
    """The most counted row of each actor in the first specification (ties: the one in most articles, then the first by name)."""
    first = counts[counts["spec"] == 0]
    first = first.sort_values(["actor", "n", "articles", "row"], ascending=[True, False, False, True])
    return first.drop_duplicates("actor").set_index("actor")["row"].to_dict()


def equals(counts: pd.DataFrame) -> dict[str, str]:
    """Of each actor the other rows with the count of its headline motive in the first specification, ``;`` between them."""
    first, lead = counts[counts["spec"] == 0], headline(counts)
    most = first[first["n"] == first.groupby("actor")["n"].transform("max")]
    other = (
        most[most["row"] != most["actor"].map(lead)].groupby("actor")["row"].agg(lambda rows: ";".join(sorted(rows)))
    )
    return dict.fromkeys(lead, "") | other.to_dict()


def verdicts(counts: pd.DataFrame, specifications: pd.DataFrame) -> pd.DataFrame:
    """For each actor and specification: does the headline motive still lead?

    Returns:
        spec, the choices, actor, row (the headline motive), n, other (the largest count of any other motive), total, margin
        ((n - other) / total, NaN where no claim is left), holds (leads alone, ties, loses, none), equals (other rows
        level with the headline motive in the headline itself, ``;`` between them).
    """
    rows, level = [], equals(counts)
    for actor, row in headline(counts).items():
        own = counts[counts["actor"] == actor].pivot(index="spec", columns="row", values="n").fillna(0)
        own = own.reindex(range(len(specifications)), fill_value=0)
        table = specifications.assign(spec=range(len(specifications)), actor=actor, row=row, n=own[row].to_numpy())
        table["other"] = own.drop(columns=row).max(axis=1).fillna(0).to_numpy() if own.shape[1] > 1 else 0.0
        table["total"] = own.sum(axis=1).to_numpy()
        rows.append(table.assign(equals=level[actor]))
    found = pd.concat(rows, ignore_index=True)
    found["margin"] = (found["n"] - found["other"]) / found["total"].where(found["total"] > 0)
    margin = found["margin"].round(9)
    found["holds"] = np.select([margin > 0, margin == 0, margin < 0], ["leads", "ties", "loses"], "none")
    return found


def headline_rows(found: pd.DataFrame) -> dict[str, str]:
    """The headline motive (with its direction) of each actor."""
    return found.drop_duplicates("actor").set_index("actor")["row"].to_dict()


def by_choice(found: pd.DataFrame) -> pd.DataFrame:
    """How often the headline motive leads, actor by actor and choice by choice.

    Returns:
        actor, row, choice, value, specifications (with a claim left), leads, ties, loses, none.
    """
    rows = []
    for choice in CHOICES:
        table = pd.crosstab([found["actor"], found["row"], found[choice]], found["holds"])
        table = table.reindex(columns=["leads", "ties", "loses", "none"], fill_value=0).reset_index()
        rows.append(table.rename(columns={choice: "value"}).assign(choice=choice))
    result = pd.concat(rows, ignore_index=True)
    result["specifications"] = result[["leads", "ties", "loses"]].sum(axis=1)
    columns = ["actor", "row", "choice", "value", "specifications", "leads", "ties", "loses", "none"]
    return result[columns]


def sentences(found: pd.DataFrame, study: Study) -> list[str]:
    """One plain sentence a headline claim: in how many specifications it holds.

    Args:
        found: output of :func:`verdicts`.
    """
    lines = []
    for (actor, row), own in found.groupby(["actor", "row"], sort=False):
        n = own["holds"].value_counts()
        some = len(own) - n.get("none", 0)
        motive, direction = row.split(" ")
        lines.append(
            f"{study.codebook.actor_label(actor)}: {study.codebook.phrase('motive', motive)}{DIRECTIONS[direction]}"
            + (f", level with {_named(own['equals'].iloc[0], study)} in the headline," if own["equals"].iloc[0] else "")
            + " leads alone in "
            f"{n.get('leads', 0)} of {some} specifications ({n.get('leads', 0) / max(some, 1):.0%}), "
            f"shares first place in {n.get('ties', 0)} and loses it in {n.get('loses', 0)}"
            + (f"; a further {n['none']} leave no claim." if n.get("none", 0) else ".")
        )
    return lines


def _named(rows: str, study: Study) -> str:
    """Motives with their direction ("CODE drive;CODE brake"), in words."""
    split = (row.split(" ") for row in split_cell(rows))
    return " and ".join(study.codebook.phrase("motive", code) + DIRECTIONS[way] for code, way in split)


def leaders(
    counts: pd.DataFrame, specifications: pd.DataFrame, choices: dict[str, str], study: Study, top: int = 3
) -> pd.DataFrame:
    """The most counted motives of each actor in each coding, all other choices fixed.

    Args:
        choices: every choice but the coding, to its value.

    Returns:
        A row an actor, a column a coding; in words, counts in brackets, equal counts in the order of the codebook; those level
        with the last are named too.
    """
    kept = specifications.reset_index(names="spec")
    for choice, value in choices.items():
        kept = kept[kept[choice] == value]
    own = counts.merge(kept[["spec", "coding"]], on="spec")
    order = {code: n for n, code in enumerate(study.codebook.codes("motive"))}
    split = own["row"].str.split(" ", expand=True)
    own = own.assign(motive=split[0], direction=split[1], place=split[0].map(order))
    own = own.sort_values(["n", "place", "direction"], ascending=[False, True, False])

    def words(rows: pd.DataFrame) -> str:
        return ", ".join(
            f"{study.codebook.phrase('motive', row.motive)}{DIRECTIONS[row.direction]} ({row.n:g})"
            for row in rows[rows["n"] >= rows["n"].head(top).iloc[-1]].itertuples()
        )

    found = {key: words(rows) for key, rows in own.groupby(["actor", "coding"])}
    table = pd.Series(found).unstack() if found else pd.DataFrame()
    table.index = [study.codebook.actor_label(actor) for actor in table.index]
    return table.reindex(columns=list(dict.fromkeys(kept["coding"])))
