"""Exhibits on events: when, told by how many, and where accounts conflict."""

from __future__ import annotations

import pandas as pd

from claimtrace import figures, marks
from claimtrace.claims import split_cell
from claimtrace.compare import in_codebook_order
from claimtrace.dates import alternatives, in_words, is_approximate, span, year
from claimtrace.events import KINDS
from claimtrace.exhibits.words import article, plural
from claimtrace.figures import DARK, LIGHT, MIDDLE, PALE, Exhibit
from claimtrace.study import Study

#: Most lanes of the time line; the other events stand in a last lane.
MOST_LANES = 9
#: Lane of events in which no actor of another lane takes part.
ELSEWHERE = "other actors"


def lanes_of(found: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Dated events by lane: an event stands in the lane of every participant that has one.

    Args:
        found: output of :func:`claimtrace.events.summary`.

    Returns:
        The events with ``lane`` (label); lanes in the order of their number of events.
    """
    dated = found[(found["kind"] == "event") & (found["first_day"] != "")]
    book = study.codebook
    actors = dated["participants"].map(lambda cell: list(dict.fromkeys(book.roll_up(a) for a in split_cell(cell))))
    exploded = dated.assign(actor=actors).explode("actor").dropna(subset=["actor"])
    left_out = {study.focus} | study.no_party
    exploded = exploded[~exploded["actor"].isin(left_out)]
    states = exploded["actor"].map(book.actor_type).eq("state")
    exploded = exploded[states] if states.any() else exploded
    shown = list(
        exploded["actor"].value_counts().sort_index().sort_values(ascending=False, kind="stable").index[:MOST_LANES]
    )
    drawn = exploded[exploded["actor"].isin(shown)]
    rest = dated[~dated["event_id"].isin(drawn["event_id"])].assign(actor=ELSEWHERE)
    both = pd.concat([drawn, rest])
    order = {actor: place for place, actor in enumerate([*shown, ELSEWHERE])}
    both = both.assign(
        lane=both["actor"].map(lambda a: book.actor_label(a, short=True)), _place=both["actor"].map(order)
    )
    return (
        both.sort_values(["_place", "first_day", "last_day", "event_id"]).drop(columns="_place").reset_index(drop=True)
    )


def time_line(study: Study, found: pd.DataFrame, numbered: int = 3) -> Exhibit:
    """Events on a time line, with the precision of their dates, by actor.

    Args:
        found: output of :func:`claimtrace.events.summary`.
        numbered: events with at least so many independent sources are named below the chart.
    """
    laned = lanes_of(found, study)
    if laned.empty:
        figure = figures.message("Events", "No dated event is left by these parameters.")
        return Exhibit("fig_time_line", figure, laned, "**Events.** None.", "No event.")
    named = (
        laned[laned["sources"] >= numbered]
        .drop_duplicates("event_id")
        .sort_values(["first_day", "last_day", "event_id"])
    )
    published = laned[_TIME_LINE]
    number = {event: n for n, event in enumerate(named["event_id"], 1)}
    pieces = []
    for row in laned.itertuples():
        parts = alternatives(row.event_time)
        pieces.append([(year(s.first), year(s.last) + 1 / 365, s.open_start, s.open_end) for s in parts])
    drawn = laned.assign(
        mark=marks.keys(published),
        pieces=pieces,
        approximate=laned["event_time"].map(is_approximate),
        number=laned["event_id"].map(number).fillna(0).astype(int),
        contested=(laned["conflict"] != "") | laned["status"].isin(["disputed", "denied"]),
    )
    lanes = set(laned["actor"]) - {ELSEWHERE}
    kind = "state" if any(study.codebook.actor_type(actor) == "state" for actor in lanes) else "actor"
    once = laned.drop_duplicates("event_id")
    several, plain = int((once["sources"] > 1).sum()), int((once["plain"] > 1).sum())
    by_text = int((once["dated_by"] == "text").sum())
    figure = figures.lanes(
        drawn,
        key=[
            f"{figures.numeral(number[row.event_id])}  {_short(row.description)} ({in_words(row.event_time)}; {row.sources} sources)"
            for row in named.itertuples()
        ],
        heading=f"{len(once)} events: {by_text} dated by a claim, {several} told by more than one independent source",
    )
    caption = (
        f"**Events as the articles tell them.** {len(once)} events, of which {by_text} have the date of a claim that tells of them; the others were placed by "
        f"their context, often by no more than the publication as the last day. The {len(lanes)} {kind}s that take part in "
        "the most events have a lane each (if level, the first by id; territories have no lane); an event stands in "
        "the lane of each that takes part, or, if none does, in the last lane. A dot is a day; a bar is the span "
        "within which the event falls or over which it lasts (a month, a year, from one date to another); an arrow is "
        "a span whose beginning or end is not told (the dot or bar then marks the last or the first day that is). A "
        "dashed outline: the date is approximate, or the event is alleged, planned, disputed or denied. Linked marks are "
        "alternative dates, of which one holds, because accounts, or readings of one account, differ. Fill: number of "
        f"independent sources that report, allege or plan it ({plain} of the {several} with more than one are plainly reported by two). "
        "A cross: accounts conflict, or a party denies the event. Numbers name the events with at "
        f"least {numbered} independent sources. {_focus_lane(study, once)}To the right of a thick line, if there is one, the "
        "axis is stretched, as most events begin there. What is not shown was not told by these articles; a blank does not mean "
        "peace."
    )
    alt = "Time line of events. " + "; ".join(
        f"{lane}: {plural(int(n), 'event')}" for lane, n in laned["lane"].value_counts(sort=False).items()
    )
    if len(named):
        alt += f". Told by at least {numbered} independent sources: " + "; ".join(
            f"{_short(row.description)}, {in_words(row.event_time)}" for row in named.itertuples()
        )
    return Exhibit("fig_time_line", figure, published, caption, alt + ".")


def _focus_lane(study: Study, events: pd.DataFrame) -> str:
    """Why the focal actor has no lane."""
    roll_up = study.codebook.roll_up
    own = events["participants"].map(lambda cell: study.focus in {roll_up(actor) for actor in split_cell(cell)}).sum()
    return f"There is no lane for {study.focus_name}: {own} of the events involve that actor. "


#: The actor of the lane and the event name a mark.
_TIME_LINE = [
    "actor", "event_id", "sources", "articles", "description", "event_type", "event_time", "first_day", "last_day", "status",
    "conflict", "claim_ids",
]  # fmt: skip


def _short(text: str) -> str:
    return text.rstrip(".")


def corroboration(study: Study, found: pd.DataFrame) -> Exhibit:
    """How many independent sources tell of an event, and whether they agree."""
    events = found[found["kind"] == "event"]
    parts = [
        ("single", "only one source", PALE),
        ("agree", "no conflict", DARK),
        ("conflict", "accounts conflict", MIDDLE),
        ("denied", "a party denies it", LIGHT),
    ]
    part = pd.Series("agree", index=events.index).mask(events["sources"] == 1, "single")
    part = part.mask(events["conflict"] != "", "conflict")
    part = part.mask(events["status"].isin(["disputed", "denied"]), "denied")
    row = events["sources"].clip(upper=4).map({1: "one source", 2: "two", 3: "three", 4: "four or more"})
    grouped = events.assign(row=row, part=part).groupby(["row", "part"])
    numbers = pd.DataFrame(
        {
            "n": grouped.size(),
            "event_ids": grouped["event_id"].agg(";".join),
            "claim_ids": grouped["claim_ids"].agg(
                lambda cells: ";".join(sorted({i for c in cells for i in split_cell(c)}))
            ),
        }
    ).reset_index()
    order = [name for name in ("one source", "two", "three", "four or more") if name in set(numbers["row"])]
    told, plain = int((events["sources"] > 1).sum()), int((events["plain"] > 1).sum())
    heading = f"{plain} of {len(events)} events are plainly reported by a second independent source"
    figure = (
        figures.stacked_bars(numbers, rows=[(name, name) for name in order], parts=parts, heading=heading)
        if len(events)
        else figures.message("Events", "No event is left by these parameters.")
    )
    caption = (
        f"**Corroboration.** {plural(len(events), 'event')} by the number of independent sources, whether they report an event, allege it or tell of "
        f"it as planned: {told} have more than one, and {plain} more than one that plainly reports it. {_lasting(events)}Articles by the same "
        "author, and articles that rest on the same underlying source, count as one source; articles from the same "
        f"outlet do not, and {_one_outlet(study, events)} of the events with more than one source rest on a single "
        "outlet. Two sources that agree are not thereby right: both may rest on a third that neither names. Nor is an "
        "event in doubt because only one article tells of it."
    )
    alt = "Bars of events by number of independent sources. " + "; ".join(
        f"{name}: {int(numbers[numbers['row'] == name]['n'].sum())}" for name in order
    )
    return Exhibit(
        "fig_corroboration", figure, numbers.rename(columns={"row": "sources", "part": "accounts"}), caption, alt + "."
    )


def _lasting(events: pd.DataFrame) -> str:
    """How many of the events with several sources are dated to a month or a day, in words."""
    several = events[events["sources"] > 1]
    closed = several[(several["first_day"] != "") & ~several["open_start"] & ~several["open_end"]]
    days = [pd.Timestamp(row.last_day) - pd.Timestamp(row.first_day) for row in closed.itertuples()]
    short = sum(day.days <= 31 for day in days)
    return (
        f"Of the former, {short} fall within a month; the others are lasting conduct or are placed less exactly. "
        if len(several)
        else ""
    )


def _one_outlet(study: Study, events: pd.DataFrame) -> int:
    """Events with more than one independent source whose articles all come from one outlet."""
    outlet = study.catalogue["outlet"]
    several = events[events["sources"] > 1]["claim_ids"]
    outlets = several.map(
        lambda ids: {outlet[claim.split(".", 1)[0]] or claim.split(".", 1)[0] for claim in split_cell(ids)}
    )
    return int((outlets.map(len) == 1).sum())


def contested(study: Study, found: pd.DataFrame, accounts: pd.DataFrame) -> Exhibit:
    """Contested points: which article gives which version.

    Args:
        found: output of :func:`claimtrace.events.summary`.
        accounts: output of :func:`claimtrace.events.versions`.
    """
    events = found.set_index("event_id")
    order = {event: place for place, event in enumerate(found["event_id"])}
    accounts = accounts[accounts["event_id"].isin(order)]
    accounts = accounts.assign(_place=accounts["event_id"].map(order)).sort_values(["_place", "aspect"], kind="stable")
    dates = study.articles.set_index("slug")["published_edtf"]
    told = {slug for cell in accounts["articles"] for slug in split_cell(cell)}
    columns = sorted(told, key=lambda slug: (span(dates[slug]).first, slug))
    rows, cells = [], []
    for (event, aspect), own in accounts.groupby(["event_id", "aspect"], sort=False):
        told_as = "; ".join(f"{'×' if r.letter.startswith('x') else r.letter} {r.version}" for r in own.itertuples())
        rows.append((f"{event} {aspect}", _short(events.at[event, "description"]), told_as))
        for row in own.itertuples():
            cells += [(f"{event} {aspect}", slug, row.letter) for slug in split_cell(row.articles)]
    if not rows:
        figure = figures.message("No contested points", "No two accounts conflict.")
    else:
        figure = figures.letters(
            cells,
            rows=rows,
            columns=[(slug, article(slug)) for slug in columns],
            heading=f"{plural(len(rows), 'contested point')}: which article gives which account",
        )
    kinds = accounts.drop_duplicates(["event_id", "aspect"])["event_id"].map(events["kind"]).map(KINDS).value_counts()
    of_kinds = ", ".join(f"{n} on {kind}s" for kind, n in kinds.items())
    caption = (
        f"**Contested points.** {plural(len(rows), 'point')} on which accounts cannot all be true"
        + (f" ({of_kinds})" if of_kinds else "")
        + ". Letters stand for "
        "the accounts named below each point, a cross for a denial by the author or by a party that the article "
        "quotes. Several letters in one cell: the article gives several accounts. An empty cell: the article gives no "
        "account of this point, though it may touch on the matter. Which account is right cannot be told from how many "
        "articles give it."
    )
    alt = f"Matrix of {len(rows)} contested points by {len(columns)} articles. " + "; ".join(
        f"{label} ({told_as})" for _, label, told_as in rows
    )
    numbers = accounts.assign(n=accounts["claim_ids"].map(lambda cell: len(split_cell(cell))))
    numbers = numbers[["event_id", "aspect", "letter", "n", "version", "articles", "voices", "claim_ids"]].reset_index(
        drop=True
    )
    return Exhibit("fig_contested", figure, numbers, caption, alt + ".")


def event_table(found: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Events in words for display: when, what, status, on what accounts conflict, sources, claims."""
    book = study.codebook
    return pd.DataFrame(
        {
            "when": found["event_time"].map(in_words).to_numpy(),
            "what": found["description"].to_numpy(),
            "kind": [
                book.label("event_type", row.event_type).lower() if row.event_type else KINDS[row.kind]
                for row in found.itertuples()
            ],
            "status": found["status"].to_numpy(),
            "accounts conflict on": found["conflict"].str.replace(";", ", ").to_numpy(),
            "independent sources": found["sources"].to_numpy(),
            "plainly reporting": found["plain"].to_numpy(),
            "claims": found["claim_ids"].to_numpy(),
        },
        index=pd.Index(found["event_id"], name="event"),
    )


def event_types(study: Study, found: pd.DataFrame) -> pd.DataFrame:
    """Number of events by type, in codebook order, with those that have more than one independent source."""
    events = found[found["kind"] == "event"]
    table = events.groupby("event_type").agg(
        events=("event_id", "size"), corroborated=("sources", lambda n: int((n > 1).sum()))
    )
    order = in_codebook_order(study, "event_type", set(table.index))
    return table.reindex(order).rename(index=lambda code: study.codebook.label("event_type", code))
