"""Signed relations between actors: who cooperates with whom, who opposes whom, and when.

Acts are read as cooperation or conflict, in words or in deeds, by the quad classes of PLOVER (codebook, event types). A tie has a
direction: from the actor that acts to the one that it acts upon.
"""

from __future__ import annotations

import itertools

import pandas as pd

from claimtrace.claims import is_negative, split_cell
from claimtrace.events import corroborated
from claimtrace.study import Study

#: Quad classes of PLOVER: group of the event type to sign and mode.
QUADS = {"1": (1, "verbal"), "2": (1, "material"), "3": (-1, "verbal"), "4": (-1, "material")}


def acts(table: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Acts between two actors, one row a claim and directed pair; persons and organs count as their state or group.

    Left out: claims that say that an act did not, or probably did not, happen, acts of no quad class, places and projects, the ``territories`` of
    ``study.yaml`` (a withdrawal from a country or a camp on its soil is no dealing with it), pairs of one actor with itself.
    Where several actors act alike and no target is named, each acts upon each other (rule on mutual acts). Kinds of actor
    (``general_actors`` of ``study.yaml``) count where none of their members is named beside them.

    Returns:
        The claims with subject_actor, target_actor, sign (1 cooperation, -1 conflict), mode (verbal, material), span (id of the period
        of ``study.yaml``); acts of other periods are left out.
    """
    book = study.codebook
    groups = {
        code: str(book.variables["event_type"]["codes"][code].get("group", "")) for code in book.codes("event_type")
    }
    spans = {period: name for name, entry in spans_of(study).items() for period in entry["periods"]}
    kept = table[(table["event_type"] != "") & ~is_negative(table)]
    kept = kept[kept["event_type"].map(groups).isin(QUADS) & kept["period"].isin(spans)]
    left_out = study.no_party
    types = set(study.settings.get("tie_types", [])) or {entry["type"] for entry in book.actors.values()}
    general = set(study.settings.get("general_actors", []))
    rows = []
    for claim in kept.to_dict("records"):
        sides = []
        for column in ("subject", "target"):
            rolled = dict.fromkeys(book.roll_up(actor) for actor in split_cell(claim[column]))
            sides.append([actor for actor in rolled if actor not in left_out and book.actor_type(actor) in types])
        # Where members are named, the kind of actor beside them would count their act twice.
        subjects, targets = ([actor for actor in side if actor not in general] or side for side in sides)
        alike = [actor for actor in subjects if actor not in general]
        pairs = itertools.product(subjects, targets) if claim["target"] else itertools.permutations(alike, 2)
        sign, mode = QUADS[groups[claim["event_type"]]]
        for one, other in dict.fromkeys(pairs):
            if one != other:
                rows.append(
                    claim
                    | {
                        "subject_actor": one,
                        "target_actor": other,
                        "sign": sign,
                        "mode": mode,
                        "span": spans[claim["period"]],
                    }
                )
    return pd.DataFrame(rows, columns=[*table.columns, "subject_actor", "target_actor", "sign", "mode", "span"])


def spans_of(study: Study) -> dict[str, dict]:
    """The stretches of time that relations are compared over: id to label and periods; from ``relation_spans`` of ``study.yaml``, or
    else the two sides of the dividing date."""
    divide = study.settings["divide"]
    return study.settings.get("relation_spans") or {side: divide[side] for side in ("before", "after")}


def ties(found: pd.DataFrame, study: Study, table: pd.DataFrame) -> pd.DataFrame:
    """Directed ties: how often an actor is said to cooperate with or to oppose another.

    Args:
        found: output of :func:`acts`.
        table: all claims, to see which reports of events conflict.

    Returns:
        span, subject, target, verbal_cooperation, material_cooperation, material_conflict, verbal_conflict, cooperation, conflict,
        articles, balance (-1 all conflict to 1 all cooperation), disputed (ids of claims that another report contradicts or denies, ``;``), claim_ids.
    """
    columns = [
        "span", "subject", "target", "verbal_cooperation", "material_cooperation", "verbal_conflict", "material_conflict",
        "cooperation", "conflict", "articles", "balance", "disputed", "claim_ids",
    ]  # fmt: skip
    if found.empty:
        return pd.DataFrame(columns=columns)
    reports = corroborated(study, table)
    contested = set(reports[reports["corroboration"].isin(["CONFLICT", "DENIAL"])]["claim_id"])
    kind = found["mode"] + found["sign"].map({1: "_cooperation", -1: "_conflict"})
    keys = [found["span"], found["subject_actor"].rename("subject"), found["target_actor"].rename("target")]
    n = found.groupby([*keys, kind])["claim_id"].nunique().unstack(fill_value=0)
    n = n.reindex(columns=columns[3:7], fill_value=0)
    grouped = found.groupby(keys)
    n["cooperation"] = n["verbal_cooperation"] + n["material_cooperation"]
    n["conflict"] = n["verbal_conflict"] + n["material_conflict"]
    n["articles"] = grouped["article"].nunique()
    n["balance"] = (n["cooperation"] - n["conflict"]) / (n["cooperation"] + n["conflict"])
    n["disputed"] = grouped["claim_id"].agg(lambda ids: ";".join(sorted(set(ids) & contested)))
    n["claim_ids"] = grouped["claim_id"].agg(lambda ids: ";".join(sorted(set(ids))))
    order = {name: place for place, name in enumerate(spans_of(study))}
    result = n.reset_index()
    return result.sort_values(
        ["span", "subject", "target"], key=lambda c: c.map(order) if c.name == "span" else c, ignore_index=True
    )[columns]


def signed_pairs(directed: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    """Ties with both directions taken together, ``one`` before ``other`` by id; a mutual act is one claim and counts once.

    Args:
        directed: output of :func:`ties`.
        found: output of :func:`acts`.

    Returns:
        span, one, other, cooperation, conflict (claims), articles, balance, disputed, claim_ids.
    """
    article = found.drop_duplicates("claim_id").set_index("claim_id")["article"]
    cells: dict[tuple, dict[str, set[str]]] = {}
    for row in directed.itertuples():
        cell = cells.setdefault((row.span, *sorted((row.subject, row.target))), {"claims": set(), "disputed": set()})
        cell["claims"] |= set(split_cell(row.claim_ids))
        cell["disputed"] |= set(split_cell(row.disputed))
    sign = found.drop_duplicates("claim_id").set_index("claim_id")["sign"]
    rows = []
    for key, cell in cells.items():
        signs = [sign[claim] for claim in cell["claims"]]
        good, bad = signs.count(1), signs.count(-1)
        lists = (";".join(sorted(cell[name])) for name in ("disputed", "claims"))
        articles = len({article[claim] for claim in cell["claims"]})
        rows.append((*key, good, bad, articles, (good - bad) / (good + bad), *lists))
    columns = ["span", "one", "other", "cooperation", "conflict", "articles", "balance", "disputed", "claim_ids"]
    return pd.DataFrame(rows, columns=columns)


def changes(both: pd.DataFrame, study: Study, minimum: int = 2) -> pd.DataFrame:
    """What changed between spans: pairs with at least ``minimum`` claims in two spans or more.

    Args:
        both: output of :func:`signed_pairs`.

    Returns:
        one, other, a column a span (balance; NaN where too few claims), ``change`` (last less first); largest change first.
    """
    enough = both[both["cooperation"] + both["conflict"] >= minimum]
    order = [name for name in spans_of(study) if name in set(enough["span"])]
    wide = enough.pivot(index=["one", "other"], columns="span", values="balance").reindex(columns=order)
    wide = wide[wide.notna().sum(axis=1) > 1]
    if wide.empty:
        return pd.DataFrame(columns=["one", "other", *order, "change"])
    first = wide.bfill(axis=1).iloc[:, 0]
    last = wide.ffill(axis=1).iloc[:, -1]
    wide["change"] = last - first
    wide = wide.reset_index().rename_axis(columns=None)
    return wide.sort_values(
        ["change", "one", "other"], key=lambda c: -c.abs() if c.name == "change" else c, ignore_index=True
    )


def ranked_actors(directed: pd.DataFrame, study: Study, limit: int) -> list[str]:
    """The actors with most ties, the focal actor first, then by the number of claims in which they act or are acted upon."""
    n = pd.concat(
        [directed[[side, "claim_ids"]].set_axis(["actor", "claim_ids"], axis=1) for side in ("subject", "target")]
    )
    claims = n.groupby("actor")["claim_ids"].agg(lambda cells: len({i for cell in cells for i in split_cell(cell)}))
    order = sorted(claims.index, key=lambda actor: (actor != study.focus, -claims[actor], actor))
    return order[:limit]
