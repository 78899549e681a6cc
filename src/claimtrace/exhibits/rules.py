"""Exhibits on the rule coder: how far its proposals agree with the coders."""

from __future__ import annotations

import pandas as pd

from claimtrace import figures, marks
from claimtrace.claims import split_cell
from claimtrace.figures import Exhibit
from claimtrace.measure import KINDS
from claimtrace.study import Study


def _claims(truth: pd.DataFrame, articles: list[str]) -> str:
    held = truth[truth["article"].isin(articles) & (truth["motive"] != "")]
    return ";".join(sorted(held["claim_id"]))


def _measured(numbers: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Scores as they are published: the keys, F1 as the value with its interval, what it comes from."""
    names = {"f1": "value", "f1_low": "low", "f1_high": "high"}
    columns = [*keys, *names, "precision", "recall", "proposed", "coded", "both"]
    return numbers[columns].rename(columns=names)


def _drawn(table: pd.DataFrame, group: pd.Series, label: pd.Series) -> pd.DataFrame:
    """Published scores with what the chart shows beside them."""
    counts = table["both"].astype(str) + " of " + table["proposed"].astype(str) + ", of " + table["coded"].astype(str)
    return table.assign(group=group, label=label, n=counts, mark=marks.keys(table))


def _told(begin: str, drawn: pd.DataFrame) -> str:
    """Alternative text: every score that there is."""
    known = drawn[drawn["value"].notna()]
    return f"{begin} " + "; ".join(f"{r.group}, {r.label} {r.value:.2f}" for r in known.itertuples()) + "."


def _told_of(study: Study) -> str:
    """What the study says of how its rules were made, to go on a sentence."""
    told = study.settings.get("rule_coder", "")
    return f"; {told.strip().rstrip('.')}" if told else ""


def rule_scores(study: Study, numbers: pd.DataFrame, truth: pd.DataFrame, sets: dict[str, list[str]]) -> Exhibit:
    """F1 of (actor, motive) pairs, for every coder, set of articles and unit; precision and recall in the table.

    Args:
        numbers: output of :func:`claimtrace.measure.comparison`.
        truth: the coding taken for the truth.
    """
    table = _measured(numbers, ["articles", "unit", "coder"])
    table["claim_ids"] = [_claims(truth, sets[name]) for name in table["articles"]]
    drawn = _drawn(table, table["articles"] + ", per " + table["unit"], table["coder"])
    last = table[(table["articles"] == list(sets)[-1]) & (table["unit"] == table["unit"].iloc[0])].set_index("coder")
    # The coders are compared on the originals, so are the rules beside them, where they have read these.
    rules = "Rules, originals" if "Rules, originals" in last["value"].dropna() else "Rules"
    found = [
        f"{name.lower()} {last.at[name, 'value']:.2f}"
        for name in (rules, "Coder with coder")
        if name in last["value"].dropna()
    ]
    heading = (
        f"F1 of pairs of actor and motive ({list(sets)[-1].lower()}, per {table['unit'].iloc[0]}): {', '.join(found)}"
    )
    figure = figures.intervals(drawn, bounds={}, heading=heading, form="{:.1f}", counted=_COUNTED)
    caption = (
        "**Pairs of actor and motive that the rules propose, against the adjudicated coding.** F1 with 95 % intervals that resample "
        "articles (F1: the harmonic mean of precision, the share of what is proposed that is right, and recall, the "
        "share of what is coded that is found); on the right the pairs found by both, out of those proposed and out of "
        "those coded. *Dictionary*: every actor with every motive whose words occur in a sentence; *TF-IDF "
        "regression*: a learner on weighted words, trained on the coding of all other articles. *Rules* read the "
        "sentences of the edition in use, *Rules, originals* those of the articles themselves. The rules were built on "
        f"the articles of the first set ({' and '.join(str(len(articles)) for articles in sets.values())} articles in "
        f"the sets), so figures there are no evidence{_told_of(study)}. With so few articles the intervals are rough: "
        "three articles give ten different draws. The two coders are always compared with each other on the sentences of the "
        "originals, whatever the edition. A mark links to all claims of its articles that give a motive, whichever "
        "coder the mark is for."
    )
    told = _told("F1 of the rule coder and of what it is compared with.", drawn)
    return Exhibit("fig_rules", figure, table, caption, told)


#: Heading of the column of counts.
_COUNTED = "both, of proposed, of coded"


def rule_variables(study: Study, numbers: pd.DataFrame) -> Exhibit:
    """F1 of every variable, sentence by sentence, on each set of articles.

    Args:
        numbers: output of :func:`claimtrace.measure.by_variable`.
    """
    # A score weighs all claims of its articles; those behind the errors are listed with the errors.
    table = _measured(numbers, ["articles", "variable"]).assign(claim_ids="")
    labels = table["variable"].map(lambda name: study.codebook.variables[name]["label"])
    drawn = _drawn(table, table["articles"], labels)
    last = table["articles"].iloc[-1]
    new = table[table["articles"] == last].dropna(subset=["value"]).sort_values("value", kind="stable")
    ends = (
        [f"{labels[i][:1].lower()}{labels[i][1:]} {new.at[i, 'value']:.2f}" for i in new.index[[0, -1]]]
        if len(new)
        else []
    )
    heading = "F1 of each variable" + (f" ({last.lower()}): from {' to '.join(ends)}" if ends else "")
    figure = figures.intervals(drawn, bounds={}, heading=heading, counted=_COUNTED)
    caption = (
        "**Values of each variable that a sentence holds, proposed and coded.** F1 with 95 % intervals that resample articles, rough on so few of them. The rules "
        "propose motives, demands and acts, and one statement, whose type is a guess, for any other sentence about an actor; where coders "
        "find several claims in a sentence, most of the others are missed. Actors are "
        "counted as themselves, not with the state or group to which they belong; the author counts as a claimant only "
        "where nobody else speaks. As with the pairs, figures on articles that the rules were built on are no evidence"
        f"{_told_of(study)}. A score rests on all claims of its articles and links to none in particular."
    )
    return Exhibit("fig_rule_variables", figure, table, caption, _told("F1 of the rule coder by variable.", drawn))


def rule_errors(study: Study, errors: pd.DataFrame) -> Exhibit:
    """How many pairs only one side has, by kind, as shares of the errors of that side.

    Args:
        errors: output of :func:`claimtrace.measure.errors`.
    """
    rows = []
    for (articles, side), own in errors.groupby(["articles", "side"], sort=True):
        for kind, group in sorted(own.groupby("kind"), key=lambda part: KINDS.index(part[0])):
            ids = sorted({claim for cell in group["claim_ids"] for claim in split_cell(cell)})
            row = {"articles": articles, "side": side, "kind": kind, "value": len(group) / len(own)}
            rows.append(row | {"n": len(group), "total": len(own), "claim_ids": ";".join(ids)})
    table = pd.DataFrame(rows, columns=["articles", "side", "kind", "value", "n", "total", "claim_ids"])
    if table.empty:
        figure = figures.message("Errors by kind", "There is none.")
    else:
        drawn = table.assign(
            group=table["articles"] + ": " + table["side"], label=table["kind"], low=float("nan"), high=float("nan"),
            n=table["n"].astype(str) + " of " + table["total"].astype(str), mark=marks.keys(table),
        )  # fmt: skip
        kinds = table.groupby("kind")["n"].sum()
        heading = f"Errors by kind: {kinds.max() / kinds.sum():.0%} are of the kind {kinds.idxmax()!r}"
        figure = figures.intervals(drawn, bounds={}, heading=heading, form="{:.0%}", values="{:.0%}", counted="pairs")
    caption = (
        "**What is wrong or missing, by kind.** Shares of the pairs that only the rules propose and of those that only "
        "the coders have. Each pair is given the first kind that applies: for the same sentence the other side has the "
        "same motive with another actor, the same actor with another motive, some other pair, or none. What the other "
        "side has may itself be right. A mark links to the claims of these sentences that give a motive."
    )
    alt = "Errors of the rule coder by kind. " + "; ".join(
        f"{r.articles}, {r.side}, {r.kind}: {r.n} of {r.total}" for r in table.itertuples()
    )
    return Exhibit("fig_rule_errors", figure, table, caption, alt + ".")
