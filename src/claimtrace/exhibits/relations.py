"""Exhibits on relations: who cooperates with whom, who opposes whom, and what changed."""

from __future__ import annotations

import pandas as pd

from claimtrace import figures
from claimtrace.claims import split_cell
from claimtrace.exhibits.words import leading, plural
from claimtrace.figures import CLEAR, Exhibit
from claimtrace.relations import QUADS, changes, ranked_actors, signed_pairs, spans_of
from claimtrace.study import Study

#: Actors drawn besides the focal one.
MOST_ACTORS = 17


def _ring(study: Study, actors: list[str]) -> list[tuple[str, str]]:
    """Actors around the focal one: states from the top on, then organisations, then armed groups; most claims first in each."""
    kind = {actor: study.codebook.actor_type(actor) for actor in actors}
    order = {"state": 0, "government": 1, "organisation": 2}
    return [(actor, kind[actor]) for actor in sorted(actors, key=lambda a: order.get(kind[a], 3))]


def network(study: Study, directed: pd.DataFrame, found: pd.DataFrame) -> Exhibit:
    """Signed network of the actors with most ties, one panel a stretch of time.

    Args:
        directed: output of :func:`claimtrace.relations.ties`.
        found: output of :func:`claimtrace.relations.acts`.
    """
    spans = spans_of(study)
    if directed.empty:
        figure = figures.message("Relations", "No act between two actors is left by these parameters.")
        return Exhibit("fig_network", figure, signed_pairs(directed, found), "**Relations.** None.", "No tie.")
    shown = ranked_actors(directed, study, MOST_ACTORS + 1)
    both = signed_pairs(directed, found)
    ways = set(zip(directed["span"], directed["subject"], directed["target"], strict=True))
    drawn = both[both["one"].isin(shown) & both["other"].isin(shown)]
    drawn = drawn.assign(
        panel=drawn["span"],
        n=drawn["cooperation"] + drawn["conflict"],
        forward=[(row.span, row.one, row.other) in ways for row in drawn.itertuples()],
        backward=[(row.span, row.other, row.one) in ways for row in drawn.itertuples()],
    )
    labels = {actor: study.codebook.actor_label(actor, short=True) for actor in shown}
    centre = shown[0]
    counts = drawn["span"].value_counts()
    figure = figures.network(
        drawn,
        panels=[
            (name, f"{entry['label']} ({plural(int(counts.get(name, 0)), 'tie')})") for name, entry in spans.items()
        ],
        centre=centre,
        ring=_ring(study, shown[1:]),
        labels=labels,
        heading=f"Who cooperates with whom, who opposes whom: {_signs(drawn)}",
    )
    focal = drawn[(drawn["one"] == study.focus) | (drawn["other"] == study.focus)]
    everywhere = found.groupby("article")["span"].nunique() == found["span"].nunique()
    caption = (
        f"**Relations as the articles tell them.** Acts between the {len(shown)} actors of whom the articles tell most "
        f"acts (of actors with as many, the first by code), both directions taken together. {_quads(study)} {_parties(study)}The layout is fixed and means "
        f"nothing. {len(focal)} of the {len(drawn)} ties (a pair has one in each stretch of time) involve {study.focus_name}. A tie counts what is told, "
        "whoever tells it: it may be alleged or denied, and a tie of which no article tells is not drawn. The thinnest "
        "lines rest on a single claim. "
        f"{_times(int(everywhere.sum()), len(everywhere))}."
    )
    top = drawn.sort_values(["n", "one", "other"], ascending=[False, True, True]).head(6)
    alt = "Networks of cooperation and conflict. " + "; ".join(
        f"{spans[row.span]['label']}, {labels[row.one]} and {labels[row.other]}: {row.cooperation} cooperation, {row.conflict} conflict"
        for row in top.itertuples()
    )
    return Exhibit("fig_network", figure, both, caption, alt + ".")


def _parties(study: Study) -> str:
    """Which kinds of actor can have a tie, for a caption; nothing where all can."""
    kinds = [kind.replace("_", " ") for kind in study.settings.get("tie_types", [])]
    return f"Only actors of these kinds can have ties: {', '.join(kinds)}. " if kinds else ""


def _quads(study: Study) -> str:
    """What counts as cooperation and as conflict, for a caption."""
    book = study.codebook
    names: dict[str, list[str]] = {}
    for code in book.codes("event_type"):
        names.setdefault(str(book.variables["event_type"]["codes"][code].get("group", "")), []).append(
            book.phrase("event_type", code)
        )
    told = [
        f"{'cooperation' if sign > 0 else 'conflict'} in {'words' if mode == 'verbal' else 'deeds'}: {', '.join(names[quad])}"
        for quad, (sign, mode) in QUADS.items()
        if quad in names
    ]
    quads = "; ".join(told)
    return f"Cooperation and conflict follow the quad classes of PLOVER, a scheme for political events ({quads})."


def _signs(drawn: pd.DataFrame) -> str:
    """How many ties lean to which side, in words."""
    good, bad = int((drawn["balance"] >= CLEAR).sum()), int((drawn["balance"] <= -CLEAR).sum())
    return f"{good} of {plural(len(drawn), 'tie')} mostly cooperation, {bad} mostly conflict"


def _times(both: int, articles: int) -> str:
    """On which articles the stretches of time rest."""
    return f"Of the {articles} articles that tell of such acts, {both} do so for every one of these times, the others for some only"


def tie_matrix(study: Study, directed: pd.DataFrame, limit: int = 14) -> Exhibit:
    """Directed ties as a matrix: rows act upon columns."""
    spans = spans_of(study)
    shown = ranked_actors(directed, study, limit)
    labels = {actor: study.codebook.actor_label(actor, short=True) for actor in shown}
    drawn = directed[directed["subject"].isin(shown) & directed["target"].isin(shown)].assign(part=lambda t: t["span"])
    if drawn.empty:
        figure = figures.message("Who acts upon whom", "No act between two actors is left by these parameters.")
    else:
        figure = figures.signed_matrix(
            drawn,
            actors=[(actor, labels[actor]) for actor in shown],
            parts=[(name, entry["label"]) for name, entry in spans.items()],
            heading=f"Who acts upon whom, and how: {_mutual(drawn)}",
            row_title=f"rows act upon columns; bars to one scale, the longest {drawn[['cooperation', 'conflict']].to_numpy().max()} claims",
        )
    most, worst = (
        leading(drawn.sort_values([sign, "subject", "target"], ascending=[False, True, True]), sign, 3)
        for sign in ("cooperation", "conflict")
    )
    caption = (
        f"**Directed ties.** Number of claims in which the actor of the row cooperates with (up) or opposes (down) that of the column, for the {len(shown)} "
        f"actors with the most claims of such acts. {_quads(study)} Both directions are kept (the heading takes all "
        "times together): that one actor is said to act upon another does not mean that the other responds. An empty "
        "cell is silence. The counts follow the interests of the articles."
    )
    alt = (
        "Matrix of directed ties. Most cooperation: "
        + _named(most, labels, "cooperation", spans)
        + ". Most conflict: "
        + _named(worst, labels, "conflict", spans)
    )
    return Exhibit("fig_ties", figure, directed, caption, alt + ".")


def _mutual(drawn: pd.DataFrame) -> str:
    """How many pairs are told in one direction only, in words."""
    pairs = set(zip(drawn["subject"], drawn["target"], strict=True))
    both = {frozenset(pair) for pair in pairs}
    single = sum((other, one) not in pairs for one, other in pairs)
    return f"{single} of {plural(len(both), 'pair')} in one direction only"


def _named(rows: pd.DataFrame, labels: dict[str, str], column: str, spans: dict[str, dict]) -> str:
    return "; ".join(
        f"{labels[row.subject]} to {labels[row.target]} {getattr(row, column)} ({spans[row.span]['label']})"
        for row in rows.itertuples()
    )


def _moved(moved: pd.DataFrame) -> str:
    """Which way pairs moved, in words."""
    up, down = int((moved["change"] > 0).sum()), int((moved["change"] < 0).sum())
    same = f", {len(moved) - up - down} to neither" if len(moved) > up + down else ""
    return (
        f"Cooperation and conflict: of {plural(len(moved), 'pair')}, {down} lean more to conflict later, {up} to cooperation{same}"
        if len(moved)
        else "Balance of cooperation and conflict"
    )


def tie_changes(study: Study, directed: pd.DataFrame, found: pd.DataFrame, minimum: int = 3) -> Exhibit:
    """How the balance of cooperation and conflict of a pair moved between stretches of time."""
    spans = spans_of(study)
    both = signed_pairs(directed, found)
    moved = changes(both, study, minimum)
    enough = both[both["cooperation"] + both["conflict"] >= minimum].set_index(["one", "other", "span"])
    rows, ids = [], []
    for row in moved.itertuples():
        held = [name for name in spans if (row.one, row.other, name) in enough.index]
        label = (
            f"{study.codebook.actor_label(row.one, short=True)} and {study.codebook.actor_label(row.other, short=True)}"
        )
        cells = {name: enough.loc[(row.one, row.other, name)] for name in held}
        rows.append(
            {
                "mark": f"{row.one} {row.other}",
                "label": label,
                "values_by": {name: float(cell["balance"]) for name, cell in cells.items()},
                "n_by": {
                    name: f"{cell['cooperation'] + cell['conflict']} in {cell['articles']}"
                    for name, cell in cells.items()
                },
            }
        )
        ids.append(";".join(sorted({i for cell in cells.values() for i in split_cell(cell["claim_ids"])})))
    numbers = moved.assign(claim_ids=ids)
    dots = enough[enough.index.droplevel("span").isin(moved.set_index(["one", "other"]).index)]
    heading = _moved(moved)
    if not rows:
        figure = figures.message(heading, "No pair has enough claims in two stretches of time.")
    else:
        figure = figures.paths(
            pd.DataFrame(rows),
            parts=[(name, entry["label"]) for name, entry in spans.items()],
            ends=("only conflict", "only cooperation"),
            heading=heading,
        )
    caption = (
        f"**What changed between the times.** Pairs with at least {minimum} claims in each of two or more stretches of "
        "time. A dot is the balance: claims of cooperation minus claims of conflict, divided by their sum; beside it "
        f"stand the number of claims and that of their articles. {_quads(study)} {int((dots['articles'] == 1).sum())} "
        f"of {plural(len(dots), 'dot')} rest on one article. A shift may be one of the articles' subjects rather than "
        "of policy: not every article tells of every time. Where claims are few, a single one more or less moves a dot "
        "far."
    )
    alt = "Changes in the balance of cooperation and conflict. " + "; ".join(
        f"{row['label']} "
        + ", ".join(
            f"{spans[name]['label']} {value:+.2f} (n {row['n_by'][name]})" for name, value in row["values_by"].items()
        )
        for row in rows
    )
    return Exhibit("fig_tie_changes", figure, numbers, caption, alt + ".")
