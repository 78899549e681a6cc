"""Comparisons: which motives, whose, in whose voice, where and when. Tables only; :mod:`claimtrace.figures` draws."""

from __future__ import annotations

import pandas as pd

from claimtrace.claims import count, is_negative, split_cell, with_list
from claimtrace.dates import span
from claimtrace.study import Study

#: Directions of the motives that are counted, with what is said of them in brackets.
DIRECTIONS = {"drive": "", "brake": " (against)", "unclear": " (direction open)"}


def motives_of(table: pd.DataFrame, study: Study, actors: list[str] | None = None) -> pd.DataFrame:
    """Claims that hold a motive, one row a claim and actor that has it; the focal actor's own motives are left out.

    A claim of the headline scope that names the focal actor neither as subject nor as target has a direction toward others: for or against
    dealing with the focal actor it says nothing, so there its direction is open.

    Args:
        table: claims.
        actors: keep these actor ids only (after rolling up); empty keeps all.
    """
    held = table[table["motive"] != ""]
    aside = (held["scope"] == study.settings["headline_scope"]) & ~_names_focus(held, study)
    directed = held["motive_polarity"].isin(["drive", "brake"])
    held = held.assign(motive_polarity=held["motive_polarity"].mask(aside & directed, "unclear"))
    found = with_list(held, "subject", study)
    found = found[found["actor"] != study.focus]
    if actors:
        found = found[found["actor"].isin(actors)]
    return found.reset_index(drop=True)


def _names_focus(table: pd.DataFrame, study: Study) -> pd.Series:
    """Whether each claim has the focal actor, or a part of it, as subject or target."""

    def named(cell: str) -> bool:
        return study.focus in {study.codebook.roll_up(actor) for actor in split_cell(cell)}

    return table["subject"].map(named).astype(bool) | table["target"].map(named).astype(bool)


def present(table: pd.DataFrame) -> pd.DataFrame:
    """Claims which say that a motive is held: those that deny it or say that it is not so are left out."""
    return table[~is_absent(table)].reset_index(drop=True)


def absent(table: pd.DataFrame) -> pd.DataFrame:
    """Claims which say that an actor does not have a motive. Not to be taken for silence, which no claim reports."""
    return table[is_absent(table)].reset_index(drop=True)


def is_absent(table: pd.DataFrame) -> pd.Series:
    """Whether each claim with a motive denies it or says that it is not so."""
    return (table["motive_polarity"] == "denied") | is_negative(table)


def treated(table: pd.DataFrame, study: Study) -> set[tuple[str, str]]:
    """(actor, side of the dividing date) of every actor that a claim of that side has as subject or target."""
    sided = with_side(table, study)
    both = pd.concat([with_list(sided, "subject", study), with_list(sided, "target", study)])
    return set(zip(both["actor"], both["side"], strict=True))


#: Stands for the outlet where the catalogue names none.
UNKNOWN_OUTLET = "outlet not known"

#: Stands for the actor where a claim names none.
NOBODY = "-"


def sought_from(table: pd.DataFrame, study: Study) -> pd.DataFrame:
    """The focal actor's own motives, one row a claim and actor toward whom it has them (:data:`NOBODY` for none).

    Where a claim names no target, that is the party with which it acts alike (rule on mutual acts); an interest that several have alike is no
    act.
    """
    both = with_list(table[table["motive"] != ""], "subject", study)
    own = both[both["actor"] == study.focus].drop(columns="actor")
    found = with_list(own, "target", study)
    mutual = both[both["claim_id"].isin(own["claim_id"]) & (both["target"] == "") & (both["claim_type"] != "INTEREST")]
    found = pd.concat([found, mutual])
    found = found[found["actor"] != study.focus]
    unnamed = own[~own["claim_id"].isin(found["claim_id"])].assign(actor=NOBODY)
    return pd.concat([found, unnamed], ignore_index=True).sort_values(["claim_id", "actor"], ignore_index=True)


def with_side(table: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Claims before and after the study's dividing date: adds ``side`` (``before``, ``after``), drops the others."""
    divide = study.settings["divide"]
    side_of = {period: side for side in ("before", "after") for period in divide[side]["periods"]}
    found = table.assign(side=table["period"].map(side_of))
    return found.dropna(subset=["side"]).reset_index(drop=True)


def shared(sided: pd.DataFrame) -> tuple[int, dict[str, int]]:
    """How many articles have claims on both sides of the dividing date, and how many claims of each side stand in them.

    Args:
        sided: output of :func:`with_side`.
    """
    once = sided.drop_duplicates("claim_id")
    sides = once.groupby("article")["side"].nunique()
    both = once[once["article"].isin(sides.index[sides > 1])]
    counts = both["side"].value_counts()
    return int((sides > 1).sum()), {side: int(counts.get(side, 0)) for side in ("before", "after")}


def with_outlet(table: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Adds ``outlet`` from the catalogue."""
    outlets = study.articles.set_index("slug")["outlet"].replace("", UNKNOWN_OUTLET)
    return table.assign(outlet=table["article"].map(outlets))


def by_time(table: pd.DataFrame) -> pd.DataFrame:
    """Claims with a time, in the order of the earliest and then the latest day that it can mean."""
    spans = table["event_time"].map(span)
    ordered = table.assign(_first=[s.first for s in spans], _last=[s.last for s in spans])
    return ordered.sort_values(["_first", "_last", "claim_id"]).drop(columns=["_first", "_last"]).reset_index(drop=True)


def ranked(table: pd.DataFrame, column: str, unit: str = "claims", minimum: int = 1) -> list[str]:
    """Values of a column, most counted first (ties by name), those with fewer than ``minimum`` left out."""
    totals = count(table, [column], unit)
    totals = totals[totals["n"] >= minimum].sort_values(["n", column], ascending=[False, True])
    return list(totals[column])


def ranked_or_all(table: pd.DataFrame, column: str, unit: str = "claims", minimum: int = 1) -> list[str]:
    """As :func:`ranked`; where nothing reaches ``minimum``, all values, so that a small study has charts too."""
    return ranked(table, column, unit, minimum) or ranked(table, column, unit)


def in_codebook_order(study: Study, variable: str, present: set[str]) -> list[str]:
    """The codes that occur, in the order of the codebook."""
    return [code for code in study.codebook.codes(variable) if code in present]


def profiles(table: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Actors with enough claims for a profile: actor, n, articles, claim_ids; most claims first.

    An actor's claims are those in which it, or a person or organ of it, is subject or target. The least number is
    ``profile_minimum`` of ``study.yaml``; ``profile_types`` names the types of actor that have one (empty: all).
    """
    both = pd.concat([with_list(table, "subject", study), with_list(table, "target", study)])
    both = both.drop_duplicates(["claim_id", "actor"])
    totals = count(both, ["actor"])
    totals = totals[totals["n"] >= int(study.settings.get("profile_minimum", 1))]
    if types := study.settings.get("profile_types"):
        totals = totals[totals["actor"].map(study.codebook.actor_type).isin(types)]
    return totals.sort_values(["n", "actor"], ascending=[False, True]).reset_index(drop=True)
