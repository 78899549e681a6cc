"""Exhibits on motives: whose, which, in whose voice, when and where."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from claimtrace import figures
from claimtrace.claims import UNITS, count, is_negative
from claimtrace.compare import NOBODY, absent, in_codebook_order, is_absent, present, ranked, shared, with_side
from claimtrace.dates import in_words, span
from claimtrace.exhibits.words import UNIT_NAMES, article, leading, plural, sources_of_sides, types_of
from claimtrace.figures import DARK, LIGHT, MIDDLE, Exhibit
from claimtrace.study import Study
from claimtrace.uncertainty import across_codings

#: Colours of the voices, from the actor's own to the author's.
VOICES = {"SELF": DARK, "REPORTED": MIDDLE, "IMPUTED": LIGHT}

#: Directions of a motive, in the order in which a matrix shows them, with the heading of their block; motives that
#: drive stand under the headings of their own groups.
DIRECTIONS = {"drive": "", "brake": "Reasons against", "unclear": "Direction left open", "denied": "Denied"}

#: More columns than this do not fit a page; the others are in the table behind the chart.
MOST_COLUMNS = 11


def _motive_rows(study: Study, present: set[str]) -> list[tuple[str, str, str]]:
    """Rows of a matrix, id, label and group: motives that drive in codebook order, then each other direction."""
    rows = []
    for direction, heading in DIRECTIONS.items():
        for code in study.codebook.codes("motive"):
            if f"{code} {direction}" in present:
                group = heading or study.codebook.group("motive", code)
                rows.append((f"{code} {direction}", study.codebook.label("motive", code), group))
    return rows


def _cells(table: pd.DataFrame, column: str, part: str, unit: str) -> pd.DataFrame:
    """Counts for a matrix: row (motive and direction), column, part, n, articles, claim_ids, n_cell, articles_cell.

    An article may stand in several parts of a cell: ``n_cell`` counts it once.
    """
    keyed = table.assign(row=table["motive"] + " " + table["motive_polarity"], column=table[column], part=table[part])
    grouped = keyed.groupby(["row", "column"])
    cells = pd.DataFrame({"n_cell": grouped[UNITS[unit]].nunique(), "articles_cell": grouped["article"].nunique()})
    return count(keyed, ["row", "column", "part"], unit).join(cells, on=["row", "column"])


_NUMBERS = ["motive", "direction", "part", "n", "articles", "articles_cell", "claim_ids"]


def _named(numbers: pd.DataFrame, column: str, part: str) -> pd.DataFrame:
    """The numbers behind a matrix, as they are published."""
    split = numbers["row"].str.split(" ", expand=True)
    named = numbers.assign(motive=split[0] if len(split) else "", direction=split[1] if len(split) else "")
    ranges = [name for name in ("n_low", "n_high") if name in named]
    named = named.astype(dict.fromkeys(ranges, "Int64"))  # a denial has no range
    shown = [*_NUMBERS[:2], "column", "part", *_NUMBERS[3:6], *ranges, "claim_ids"]
    return named[shown].rename(columns={"column": column, "part": part})


def _top(numbers: pd.DataFrame, study: Study, labels: dict[str, str], articles: bool, limit: int = 6) -> str:
    totals = (
        numbers.groupby(["column", "row"]).agg(n=("n_cell", "first"), articles=("articles_cell", "first")).reset_index()
    )
    totals = leading(totals.sort_values(["n", "column", "row"], ascending=[False, True, True]), "n", limit)
    return (
        "none"
        if totals.empty
        else "; ".join(
            f"{labels[row.column]}, {study.codebook.phrase('motive', row.row.split()[0])}"
            f"{_against(row.row)} {row.n}" + (f" in {plural(int(row.articles), 'article')}" if articles else "")
            for row in totals.itertuples()
        )
    )


def _against(row: str) -> str:
    heading = DIRECTIONS[row.split()[1]]
    return f" ({heading.lower()})" if heading else ""


def _columns(study: Study, table: pd.DataFrame, unit: str, minimum: int) -> tuple[list[str], dict[str, str], str]:
    """Actors that get a column, most counted first; labels of all; and a sentence that names the others.

    The least number is one of motives that are held. Actors of which motives are only denied come last, counted by the denials.
    """
    held, denied = present(table), absent(table)
    only = denied[~denied["actor"].isin(held["actor"])]
    shown = [*ranked(held, "actor", unit, minimum), *ranked(only, "actor", unit, minimum)]
    few = "" if shown else f" No actor reaches {minimum}; those with the most are shown."
    shown = shown or [*ranked(held, "actor", unit), *ranked(only, "actor", unit)]
    if len(shown) > MOST_COLUMNS:
        few += f" Only the first {MOST_COLUMNS} columns are drawn; of actors with as many, the first by code."
    shown = shown[:MOST_COLUMNS]
    labels = {actor: study.codebook.actor_label(actor, short=True) for actor in table["actor"].unique()}
    labels |= {NOBODY: "nobody named"} if NOBODY in labels else {}
    rest = sorted(labels[actor] for actor in set(labels) - set(shown))
    return shown, labels, few + (f" In the table only: {', '.join(rest)}." if rest else "")


def _voices(study: Study) -> list[tuple[str, str, str]]:
    return [(voice, study.codebook.label("voice", voice), colour) for voice, colour in VOICES.items()]


def _matrix(
    study: Study,
    table: pd.DataFrame,
    column: str,
    part: str,
    unit: str,
    shown: list[str],
    labels: dict[str, str],
    passes: list[pd.DataFrame],
    below: dict[str, str] | None = None,
    **drawing,
) -> tuple[Figure, pd.DataFrame, str]:
    """Motives by ``column``, split by ``part``: the drawing, the numbers behind it, and the largest cells in words.

    Claims that deny a motive are no bar: they are counted in the cell of the motive that they deny.
    """
    held, denied = present(table), absent(table)
    if table.empty or not shown:
        figure = figures.message(drawing["heading"], "No claim is left by these parameters.")
        columns = [{"part": part}.get(name, name) for name in [*_NUMBERS[:2], column, *_NUMBERS[2:]]]
        return figure, pd.DataFrame(columns=columns), "none"
    counts = _cells(held, column, part, unit)
    stacked = drawing.get("stacked", True)
    if passes:
        keys = ["row", "column"] if stacked else ["row", "column", "part"]
        others = [_cells(present(other), column, part, unit) for other in passes]
        counts = counts.merge(across_codings([counts, *others], keys), on=keys, how="left")
    drawing.setdefault("count_articles", unit != "articles")
    drawn = counts[counts["column"].isin(shown)]
    said = _cells(denied.assign(motive_polarity="denied"), column, part, unit)
    own = said[said["column"].isin(shown)]
    not_so = own.groupby(["row", "column", "part"])["n"].sum()
    whole = own.groupby(["row", "column"])["n_cell"].first()
    marks: dict[tuple[str, str], str] = {}
    for row, name in dict.fromkeys((row, name) for row, name, _ in not_so.index):
        n = [int(not_so.get((row, name, kind), 0)) for kind, _, _ in drawing["parts"]]
        # Where bars stand side by side, so do the numbers.
        marks[row.replace(" denied", " drive"), name] = str(whole[row, name]) if stacked else " | ".join(map(str, n))
    denials = {row.replace(" denied", " drive"): row for row, _, _ in not_so.index}
    if below is None:
        form = "{n} in {articles}" if drawing["count_articles"] else "{n}"
        totals = count(held, [column], unit).set_index(column)
        below = {name: form.format(**totals.loc[name, ["n", "articles"]]) for name in shown if name in totals.index}
    figure = figures.bar_matrix(
        drawn,
        rows=_motive_rows(study, set(drawn["row"]) | {row for row, _ in marks}),
        columns=[(name, labels[name], below.get(name, "0")) for name in shown],
        absent=marks,
        absent_rows=denials,
        **drawing,
    )
    return (
        figure,
        _named(pd.concat([counts, said], ignore_index=True), column, part),
        _top(drawn, study, labels, drawing["count_articles"]),
    )


#: What the marks in a cell mean, for captions.
_MARKS = (
    "A dot is silence: these articles treat the actor but give no such motive. A cross is a reported absence: the "
    "number beside it is that of the claims which say that the actor does not have the motive, or that it counted for "
    "little."
)


def _numbered(unit: str) -> str:
    """What the numbers in the cells of a matrix are."""
    return "number of articles" if unit == "articles" else f"number of {UNIT_NAMES[unit]} and, in grey, of articles"


def _key(unit: str, form: str = "") -> str:
    """The same, shorter, for the drawing."""
    return f"number of {UNIT_NAMES[unit]}{form}" + ("" if unit == "articles" else " (articles in grey)")


#: What a bar does not say, by unit of counting.
_OVERLAP = {"claims": "", "propositions": "", "articles": " An article with several voices appears in the part of the bar for each, but counts once in the number."}  # fmt: skip


def _ranges(passes: list[pd.DataFrame]) -> str:
    if not passes:
        return ""
    return (
        f" The line below a bar gives the range of the count over this coding and the {len(passes)} passes from which "
        "it was made; there is no line where they agree or where the cell has no bar."
    )


def motives(
    study: Study,
    table: pd.DataFrame,
    unit: str = "claims",
    minimum: int = 5,
    passes: list[pd.DataFrame] | None = None,
) -> Exhibit:
    """The headline: actor by motive, the voice visible.

    Args:
        table: output of :func:`claimtrace.compare.motives_of`.
        unit: claims, propositions or articles.
        minimum: least n for a column of its own; the other actors are in the table behind the chart only.
        passes: the same selection from other codings, for the range over codings.
    """
    passes, held = passes or [], present(table)
    shown, labels, rest = _columns(study, table, unit, minimum)
    voices = held.drop_duplicates("claim_id")["voice"].value_counts()
    # Where a voice was left out by choice, its share says nothing.
    whole = set(VOICES) <= set(voices.index)
    imputed = whole and voices["IMPUTED"] * 2 > voices.sum() and voices["SELF"] * 5 < voices.sum()
    figure, numbers, top = _matrix(
        study, table, "actor", "voice", unit, shown, labels, passes,
        parts=_voices(study),
        key=_key(unit),
        heading=f"Motives for dealing with {study.focus_name}" + (": mostly imputed, seldom self-stated" if imputed else ""),
    )  # fmt: skip
    caption = (
        f"**Motives for dealing with {study.focus_name}, by actor and voice.** A cell gives the "
        f"{_numbered(unit)}; all bars share one scale. A claim counts whatever its type, if it gives a motive "
        f"({types_of(study, held) or 'none'}). Of "
        f"{plural(held['claim_id'].nunique(), 'claim')}, {voices.get('SELF', 0)} are stated by the actor itself, "
        f"{voices.get('REPORTED', 0)} are reported by others (named or unnamed) and {voices.get('IMPUTED', 0)} are "
        f"imputed by the author of the article; {_certainty(held)}. Motives of {study.focus_name} and of unnamed actors are left "
        f"out.{_ranges(passes)} Counts show what these articles say, and how often; they do not measure how strong a "
        f"motive is or whether the actor has it. {_MARKS} A claim with several actors counts once for "
        f"each.{_OVERLAP[unit]}{rest}"
    )
    alt = f"Matrix of {len(shown)} actors by motives. Most counted: {top}."
    return Exhibit("fig_motives", figure, numbers, caption, alt)


def _certainty(held: pd.DataFrame) -> str:
    """How many of the claims their author asserts without reserve, in words."""
    once = held.drop_duplicates("claim_id")
    sure = int((once["factuality_author"] == "CT+").sum())
    return f"{sure} the author asserts as certain, the others are hedged or passed on without being endorsed"


def motives_before_after(
    study: Study,
    table: pd.DataFrame,
    unit: str = "claims",
    minimum: int = 5,
    passes: list[pd.DataFrame] | None = None,
    treated: set[tuple[str, str]] | None = None,
) -> Exhibit:
    """Actor by motive before and after the study's dividing date.

    Args:
        treated: output of :func:`claimtrace.compare.treated`; an actor that a side does not treat at all is marked so.
    """
    divide = study.settings["divide"]
    sided = with_side(table, study)
    passes = [with_side(other, study) for other in passes or []]
    shown, labels, rest = _columns(study, sided, unit, minimum)
    held = present(sided)
    n = held.drop_duplicates("claim_id")["side"].value_counts()
    sources = held.groupby("side")["article"].nunique()
    totals = count(held, ["actor", "side"], unit).set_index(["actor", "side"])["n"] if len(held) else {}

    def total(actor: str, side: str) -> str:
        return (
            "untreated" if treated is not None and (actor, side) not in treated else str(totals.get((actor, side), 0))
        )

    figure, numbers, _ = _matrix(
        study, sided, "actor", "side", unit, shown, labels, passes,
        below={actor: f"{total(actor, 'before')} | {total(actor, 'after')}" for actor in shown},
        parts=[("before", divide["before"]["label"], LIGHT), ("after", divide["after"]["label"], DARK)],
        stacked=False,
        key=_key(unit, " before | after"),
        heading=f"Motives {divide['before']['label']} and {divide['after']['label']}: {shared(held)[0]} of {plural(held['article'].nunique(), 'article')} on both sides",
    )  # fmt: skip
    caption = (
        f"**Motives before and after {in_words(divide['date'])}.** Each cell gives the number of {UNIT_NAMES[unit]} on either side "
        f"of the date (before | after){'' if unit == 'articles' else ' and, in grey, of the articles of both sides together'}. Before: {n.get('before', 0)} claims in "
        f"{sources.get('before', 0)} articles; after: {n.get('after', 0)} in {sources.get('after', 0)}. {sources_of_sides(held)}, "
        "so a difference may be one of subject or outlet rather than of policy: compare the pattern of motives within "
        f"a column, not the lengths of bars across the date. Forecasts and timeless claims are left out. {_MARKS} "
        f"*Untreated* heads a side on which no claim of the chosen scope names the actor.{rest}"
    )
    sides = _sides(numbers[numbers["direction"] != "denied"], study, labels, shown)
    alt = f"Matrix of {len(shown)} actors by motives on either side of {in_words(divide['date'])}. Most counted, before and after: {sides}."
    return Exhibit("fig_motives_before_after", figure, numbers, caption, alt)


def _sides(numbers: pd.DataFrame, study: Study, labels: dict[str, str], shown: list[str], limit: int = 6) -> str:
    """The largest cells of a matrix of two sides, in words: both numbers of each."""
    own = numbers[numbers["actor"].isin(shown)] if len(numbers) else numbers
    if own.empty:
        return "none"
    cells = own.pivot_table(index=["actor", "motive", "direction"], columns="side", values="n", aggfunc="sum")
    cells = cells.reindex(columns=["before", "after"]).fillna(0).astype(int)
    cells = leading(cells.assign(n=cells.sum(axis=1)).sort_values("n", ascending=False, kind="stable"), "n", limit)
    return "; ".join(
        f"{labels[actor]}, {study.codebook.phrase('motive', motive)}{_against(f'{motive} {direction}')} {row.before} and {row.after}"
        for (actor, motive, direction), row in zip(cells.index, cells.itertuples(), strict=True)
    )


def _leads(held: pd.DataFrame) -> str:
    """In how many articles one and the same motive is the most counted at most, in words."""
    n = held.groupby(["article", "motive"])["claim_id"].nunique().reset_index()
    most = n[n["claim_id"] == n.groupby("article")["claim_id"].transform("max")]
    if most.empty:
        return "none is given"
    return f"none comes first in more than {most['motive'].value_counts().max()} of {plural(most['article'].nunique(), 'article')}"


def motives_by_article(
    study: Study, table: pd.DataFrame, unit: str = "claims", passes: list[pd.DataFrame] | None = None
) -> Exhibit:
    """Motive by article, in order of publication."""
    unit = "claims" if unit == "articles" else unit  # within one article a count of articles is always one
    once = table.drop_duplicates("claim_id")
    passes = [other.drop_duplicates("claim_id") for other in passes or []]
    dates = study.articles.set_index("slug")["published_edtf"]
    shown = sorted(set(once["article"]), key=lambda slug: (span(dates[slug]).first, slug))
    figure, numbers, top = _matrix(
        study, once, "article", "voice", unit, shown, {slug: article(slug) for slug in shown}, passes,
        parts=_voices(study),
        heading=f"Motives article by article: {_leads(present(once))}",
        count_articles=False,
        key=f"number of {UNIT_NAMES[unit]}",
    )  # fmt: skip
    caption = (
        f"**Motives for dealing with {study.focus_name}, article by article**, in order of publication. A cell gives the number of {UNIT_NAMES[unit]}; "
        "articles that give no motive have no column. In the heading, a motive comes first in an article, alone or with others, if no other "
        f"has more claims there, all directions taken together.{_ranges(passes)} Articles differ in length, in "
        "subject and in the actors they treat: a motive that an article does not give (a dot) is not one that it "
        "denies (a cross)."
    )
    alt = f"Matrix of {len(shown)} articles by motives. Most counted: {top}."
    return Exhibit("fig_motives_by_article", figure, numbers, caption, alt)


def sought(
    study: Study,
    table: pd.DataFrame,
    unit: str = "claims",
    minimum: int = 2,
    passes: list[pd.DataFrame] | None = None,
) -> Exhibit:
    """What the focal actor seeks, and from whom.

    Args:
        table: output of :func:`claimtrace.compare.sought_from`.
    """
    focus, passes = study.focus_name, passes or []
    shown, labels, rest = _columns(study, table, unit, minimum)
    shown = sorted(shown, key=NOBODY.__eq__)  # stable: nobody last
    figure, numbers, top = _matrix(
        study, table, "actor", "voice", unit, shown, labels, passes,
        parts=_voices(study),
        key=_key(unit),
        heading=f"What is sought by {focus}, and in dealing with whom",
    )  # fmt: skip
    caption = (
        f"**What is sought by {focus}, and in dealing with whom.** Motives and interests of {focus}, by the actor "
        "toward whom they are directed, in acting, wanting or fearing; that actor is not always the one who could "
        "grant what is sought. Mutual acts with no such actor named are placed with the other party. A "
        f"cell gives the {_numbered(unit)}; actors with fewer than {minimum} have no column.{_ranges(passes)} A dot is "
        f"silence. A cross is a reported absence: the number beside it is that of the claims which say that {focus} "
        f"did not seek this there, or that it counted for little. Reasons against are wants and fears that keep {focus} from dealing with the actor."
        + (" Claims that name no such actor stand in the last column." if NOBODY in shown else "")
        + rest
    )
    alt = f"Matrix of motives of {focus} by {len(shown)} actors. Most counted: {top}."
    return Exhibit("fig_sought", figure, numbers, caption, alt)


def profile(study: Study, actor: str, table: pd.DataFrame, unit: str = "claims") -> Exhibit:
    """One actor: its motives and its acts, before and after the dividing date.

    Acts that a claim says did not happen, and motives that it says the actor does not have, are no bar; their number stands beside it.

    Args:
        table: claims in which the actor is subject (one row a claim).
    """
    label = study.codebook.actor_label(actor)
    divide = study.settings["divide"]
    side_of = {period: side for side in ("before", "after") for period in divide[side]["periods"]}
    sided = table.assign(part=table["period"].map(side_of).fillna("other"))
    held = sided[sided["motive"] != ""].assign(panel="motive")
    denied = is_absent(held)
    held = held.assign(
        row=held["motive"] + " " + held["motive_polarity"].mask(denied, "drive"),
        part=held["part"].mask(denied, _DENIED),
    )
    acts = sided[sided["event_type"] != ""].assign(panel="act", row=lambda t: t["event_type"])
    acts = acts.assign(part=acts["part"].mask(is_negative(acts), _DENIED))
    both = pd.concat([held, acts])
    parts = [
        ("before", divide["before"]["label"], LIGHT),
        ("after", divide["after"]["label"], DARK),
        ("other", "forecast or timeless", MIDDLE),
    ]
    numbers = count(both, ["panel", "row", "part"], unit)
    shown = {panel: set(numbers.loc[numbers["panel"] == panel, "row"]) for panel in ("motive", "act")}
    rows = [("motive", row, text, group) for row, text, group in _motive_rows(study, shown["motive"])]
    rows += [
        ("act", code, study.codebook.label("event_type", code), study.codebook.group("event_type", code))
        for code in in_codebook_order(study, "event_type", shown["act"])
    ]
    heading = f"{label}: {plural(table['claim_id'].nunique(), 'claim')} as subject, {plural(table['article'].nunique(), 'article')}"
    if both.empty:
        nothing = "It gives" if table["claim_id"].nunique() == 1 else "They give"
        figure = figures.message(heading, f"{nothing} neither a motive nor an act of this actor.")
    else:
        bars = count(both[both["part"] != _DENIED], ["panel", "row"], unit).set_index(["panel", "row"])
        figure = figures.two_panels(
            numbers[numbers["part"] != _DENIED],
            totals=bars["n"],
            beside=_beside(both, bars, study, unit),
            rows=rows,
            titles={"motive": "Motives and interests", "act": "Acts and demands"},
            parts=[part for part in parts if part[0] in set(numbers["part"])],
            heading=heading,
        )  # fmt: skip
    drawn, whole = both.loc[both["part"] != _DENIED, "claim_id"].nunique(), table["claim_id"].nunique()
    rest = "" if drawn == whole else "; the others are judgements, figures and so on"
    only = "" if actor == study.focus else f", not only with {study.focus_name}"
    caption = (
        f"**{label} as the articles tell it.** Number of {UNIT_NAMES[unit]} whose subject is {label}, or a part of it, "
        "by motive and by kind of act (planned acts included), with the number of articles in grey. Also in "
        "grey: beside motives, how many are stated by the actor itself or reported by others rather than imputed by "
        "the author; beside motives and acts, how many claims, whoever makes them, deny the motive or say that the act "
        f"did not or probably did not happen (these have no bar). Motives in dealing with anyone count{only}. {drawn} "
        f"of the {plural(whole, 'claim')} {'has' if drawn == 1 else 'have'} a bar{rest}. The counts follow the authors' interests; they are not a record of what "
        "was done."
    )
    if both.empty:
        caption = (
            f"**{label} as the articles tell it.** There is no bar, as none of the claims whose subject is {label}, or a part of it, gives a "
            "motive or an act."
        )
    phrase = study.codebook.phrase
    named = {
        (panel, row): phrase("motive", row.split()[0]) + _against(row)
        if panel == "motive"
        else phrase("event_type", row)
        for panel, row, _, _ in rows
    }
    counted = count(both[both["part"] != _DENIED], ["panel", "row"], unit)
    top = leading(counted.sort_values("n", ascending=False, kind="stable"), "n", 6)
    alt = f"Bars for {label}. Most counted: " + (
        "; ".join(f"{named[r.panel, r.row]} {r.n} in {plural(r.articles, 'article')}" for r in top.itertuples())
        or "none"
    )
    return Exhibit(f"fig_country_{actor}", figure, numbers, caption, alt + ".")


#: Part of the table of a profile that holds acts which did not happen, and motives which the actor does not have.
_DENIED = "denied"


def _beside(both: pd.DataFrame, bars: pd.DataFrame, study: Study, unit: str) -> dict[tuple[str, str], str]:
    """What stands in grey beside the number of a bar: articles, and voices other than the author's or claims of denial."""
    found = {}
    for (panel, row), own in both.groupby(["panel", "row"]):
        denied = own["part"] == _DENIED
        words = [f"in {bars.at[(panel, row), 'articles']}"] if (panel, row) in bars.index and unit != "articles" else []
        if panel == "motive":
            n = own[~denied].groupby("voice")[UNITS[unit]].nunique()
            words += [
                f"{n[voice]} {word}" for voice, word in (("SELF", "self"), ("REPORTED", "reported")) if voice in n
            ]
        if denied.any():
            words.append(f"{own.loc[denied, UNITS[unit]].nunique()} denied")
        found[panel, row] = ", ".join(words)
    return found
