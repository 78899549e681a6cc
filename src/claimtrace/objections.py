"""What a reader of the adjudicated coding objected to, and how that was answered.

Agreement of two coders says nothing of what both got wrong. A reader who has text and codes before him, and looks for errors by the
codebook, does: an error count of this kind is a lower bound, since he may overlook what they overlooked.
"""

from __future__ import annotations

import pandas as pd

from claimtrace.errors import Problem
from claimtrace.study import Study

KINDS = ("clear", "arguable", "missing")
VERDICTS = ("accepted", "declined")


def load(study: Study) -> pd.DataFrame | None:
    """``coding/objections.csv``, all text, one row an objection; None where the study has none."""
    there = (study.root / "coding" / "objections.csv").is_file()
    return study.table("coding/objections.csv") if there else None


def tally(table: pd.DataFrame) -> pd.DataFrame:
    """Objections by kind (rows): accepted, declined, all, and in how many claims one was accepted (missing ones: how many)."""
    counts = pd.crosstab(table["kind"], table["verdict"]).reindex(index=KINDS, columns=VERDICTS, fill_value=0)
    held = table[table["verdict"] == "accepted"]
    unit = held["claim_id"].mask(held["kind"] == "missing", held.index.astype(str))
    claims = unit.groupby(held["kind"]).nunique().reindex(KINDS, fill_value=0)
    counts = counts.assign(all=counts.sum(axis=1), claims=claims)
    return counts.rename_axis(index=None, columns=None)


def missing(table: pd.DataFrame) -> pd.DataFrame:
    """The accepted objections that a claim is missing which neither pass has (of others the dropped claim is named)."""
    return table[(table["kind"] == "missing") & (table["verdict"] == "accepted") & (table["claim_id"] == "")]


def violations(table: pd.DataFrame, coding: pd.DataFrame) -> list[Problem]:
    """Verdicts that the coding belies, where objections name codes; those that are told in words say nothing here.

    An accepted one must have given its claim what was proposed, or where that is told in words something else than it had (for the
    variable ``claim``: removed it); a declined one must not have brought what was proposed.

    Args:
        coding: all claims of the adjudicated coding, all text.
    """
    cells, found = coding.set_index("claim_id").to_dict("index"), []
    for row in table[table["kind"] != "missing"].itertuples():
        accepted, now = row.verdict == "accepted", cells.get(row.claim_id)
        if row.variable == "claim":
            belied = accepted == (now is not None)
            stands = "is still there" if accepted else "is gone"
        elif now is None or row.variable not in now:
            continue
        else:
            value = now[row.variable]
            in_words = " " in row.proposed or row.proposed.startswith("(")
            brought = value != row.value if in_words else value == row.proposed
            belied = not brought if accepted else value == row.proposed != row.value
            stands = f"has {value!r} for {row.variable}"
        if belied:
            message = f"the claim {stands}; correct the verdict, or decide the claim accordingly in adjudication.csv"
            found.append(
                Problem("objections.csv", f"{row.Index + 2} ({row.claim_id})", "verdict", row.verdict, message)
            )
    return found


def corrected_claims(table: pd.DataFrame) -> list[str]:
    """Ids of the claims in which an objection was accepted, each once; missing claims are left out."""
    held = table[(table["verdict"] == "accepted") & (table["kind"] != "missing")]
    return list(dict.fromkeys(held["claim_id"]))


def by_variable(table: pd.DataFrame) -> pd.Series:
    """In how many claims an objection to each variable was accepted, the most frequent first."""
    held = table[(table["verdict"] == "accepted") & (table["kind"] != "missing")]
    counts = held.groupby("variable")["claim_id"].nunique().rename("claims").reset_index()
    return counts.sort_values(["claims", "variable"], ascending=[False, True]).set_index("variable")["claims"]
