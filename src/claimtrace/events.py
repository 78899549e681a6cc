"""Events and figures that several claims report: who reports what, who corroborates whom, where accounts conflict.

After the event hoppers of Rich ERE (Song et al. 2015): reports of one event are brought together even where they differ in
detail. Corroboration is computed, never typed in, so that it changes when an article is left out.
"""

from __future__ import annotations

import itertools

import pandas as pd

from claimtrace.claims import is_edtf, split_cell
from claimtrace.dates import span
from claimtrace.errors import Problem, StudyError
from claimtrace.study import Study

#: Columns of ``events.csv``: a row an event, a figure, or a status on which accounts differ.
EVENTS = [
    "event_id", "kind", "description", "participants", "place", "event_type", "event_time", "contested", "settle", "not_with",
]  # fmt: skip
#: Columns of ``reports.csv``: a row a claim that reports an event.
REPORTS = ["event_id", "claim_id", "stance", "aspect", "version", "source", "adds"]

KINDS = {"event": "event", "figure": "figure", "status": "lasting state"}
STANCES = {"reports": "reported", "alleges": "alleged", "plans": "planned", "denies": "denied"}
ASPECTS = [
    "occurrence", "date", "place", "participants", "number", "post", "purpose", "addressee", "initiator", "status",
]  # fmt: skip


def _load(study: Study, name: str, columns: list[str]) -> pd.DataFrame:
    if not (study.root / "coding" / f"{name}.csv").is_file():
        return pd.DataFrame(columns=columns, dtype=str)
    table = study.table(f"coding/{name}.csv")
    missing = [column for column in columns if column not in table.columns]
    if missing:
        raise StudyError(f"{name}.csv: column {missing[0]!r} is missing; the columns are: {', '.join(columns)}")
    return table[columns]


def load(study: Study) -> pd.DataFrame:
    """The events of a study, columns :data:`EVENTS`, all text; no rows where a study has none.

    Raises:
        StudyError: a column is missing.
    """
    return _load(study, "events", EVENTS)


def load_reports(study: Study) -> pd.DataFrame:
    """The reports of events, columns :data:`REPORTS`, all text; no rows where a study has none."""
    return _load(study, "reports", REPORTS)


def violations(study: Study, table: pd.DataFrame) -> list[Problem]:
    """Every way in which events and reports break their rules.

    Args:
        table: the claims that reports may name.
    """
    events, reports, book = load(study), load_reports(study), study.codebook
    found: list[Problem] = []
    types = set(book.codes("event_type")) if "event_type" in book.variables else set()
    reported = set(reports["event_id"])
    disputed = set(conflicts(reports)["event_id"])
    for number, row in enumerate(events.to_dict("records"), 2):
        place = f"{number} ({row['event_id']})"

        def problem(column: str, message: str, place=place, row=row) -> None:
            found.append(Problem("events.csv", place, column, row[column], message))

        if row["kind"] not in KINDS:
            problem("kind", f"must be one of: {', '.join(KINDS)}")
        if row["event_type"] and row["event_type"] not in types:
            problem("event_type", f"is no code; use one of: {', '.join(sorted(types))}")
        if row["event_time"] and not is_edtf(row["event_time"]):
            problem("event_time", "is not EDTF; write for example 2019-10, 1996/2001, [2018-06,2019-06]")
        for actor in split_cell(row["participants"]):
            if actor not in book.actors:
                problem("participants", f"{actor!r} is no id of actors.yaml")
        if not row["description"]:
            problem("description", "is empty; say in your own words what happened")
        if row["event_id"] not in reported:
            problem("event_id", "no claim reports it; add a row to reports.csv or remove it")
        if bool(row["contested"]) != (row["event_id"] in disputed):
            reason = "its reports conflict; say on what"
            if row["contested"]:
                reason = "no two of its reports conflict; leave the cell empty, or correct the versions in reports.csv"
            problem("contested", reason)
        if row["contested"] and not row["settle"]:
            problem("settle", "is empty; say what would settle it")
    known, ids = set(events["event_id"]), set(table["claim_id"])
    for number, row in enumerate(reports.to_dict("records"), 2):
        place = f"{number} ({row['claim_id']})"

        def problem(column: str, message: str, place=place, row=row) -> None:
            found.append(Problem("reports.csv", place, column, row[column], message))

        if row["event_id"] not in known:
            problem("event_id", "is no event of events.csv")
        if row["claim_id"] not in ids:
            problem("claim_id", "is no claim of claims.csv")
        if row["stance"] not in STANCES:
            problem("stance", f"must be one of: {', '.join(STANCES)}")
        if row["aspect"] and row["aspect"] not in ASPECTS:
            problem("aspect", f"must be one of: {', '.join(ASPECTS)}")
        if bool(row["aspect"]) != bool(row["version"]):
            problem("version", "aspect and version go together; fill both or none")
    for row in reports[reports.duplicated(["event_id", "claim_id"])].itertuples():
        found.append(Problem("reports.csv", str(row.Index + 2), "claim_id", row.claim_id, "reports this event twice"))
    for row in events[events.duplicated("event_id")].itertuples():
        found.append(Problem("events.csv", str(row.Index + 2), "event_id", row.event_id, "occurs twice"))
    return found


def conflicts(reports: pd.DataFrame) -> pd.DataFrame:
    """Pairs of reports that cannot both be true: another version of one aspect, or a denial of what is reported.

    A denial that gives its version denies the reports that name an aspect, since of the others it was found that they do not
    conflict; a denial that gives none denies all.

    Returns:
        event_id, one, other (claim ids, sorted within a pair), aspect (``occurrence`` for a denial).
    """
    rows = []
    columns = ["event_id", "claim_id", "stance", "aspect", "version"]
    told = sorted(reports[columns].itertuples(index=False), key=lambda report: report.event_id)
    for event, listed in itertools.groupby(told, key=lambda report: report.event_id):
        for a, b in itertools.combinations(listed, 2):
            if a.aspect and a.aspect == b.aspect and a.version != b.version:
                aspect = a.aspect
            elif _denied(a, b) or _denied(b, a):
                aspect = "occurrence"
            else:
                continue
            rows.append((event, *sorted((a.claim_id, b.claim_id)), aspect))
    return pd.DataFrame(rows, columns=["event_id", "one", "other", "aspect"])


def _denied(denial, report) -> bool:
    against = denial.stance == "denies" and report.stance != "denies"
    return against and (not denial.aspect or bool(report.aspect))


def with_roots(reports: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Adds ``article``, ``author`` (of the article, or its outlet, or its slug) and ``root``.

    ``root`` numbers, within an event (below zero those that deny it), the reports that depend on one another: of the same author, or resting on the same
    underlying source, directly or through another report. Reports of different roots are independent. Denials have roots of
    their own: that two articles quote one denial makes what else they tell no less independent.
    """
    article = reports["claim_id"].str.split(".", n=1).str[0]
    catalogue = study.articles.set_index("slug")
    author = [
        next((value for value in (catalogue.at[slug, "authors"], catalogue.at[slug, "outlet"]) if value), slug)
        for slug in article
    ]
    table = reports.assign(article=article, author=author)
    marks = [
        {f"author {one.strip()}" for one in name.split(";")} | ({f"source {source}"} if source else set())
        for name, source in zip(author, table["source"], strict=True)
    ]
    members: dict[tuple[str, bool], list[int]] = {}
    for position, side in enumerate(zip(table["event_id"], table["stance"] == "denies", strict=True)):
        members.setdefault(side, []).append(position)
    number = [0] * len(table)
    for (_, denied), positions in members.items():
        roots: list[set[str]] = []
        for position in positions:
            joined = [root for root in roots if root & marks[position]]
            roots = [root for root in roots if not root & marks[position]] + [marks[position].union(*joined)]
        roots.sort(key=min)
        for position in positions:
            at = next(n for n, root in enumerate(roots) if marks[position] <= root)
            number[position] = -1 - at if denied else at
    return table.assign(root=number)


def corroborated(study: Study, table: pd.DataFrame) -> pd.DataFrame:
    """The reports whose claims are there, and how each stands to the others of its event.

    Args:
        table: claims; reports of claims that are not in it are left out, and corroboration is computed on the rest. A claim must
            name the event (``event_id``): those of a single pass do not, because reports name claims of the adjudicated coding.

    Returns:
        Columns of :data:`REPORTS`, article, author, root, corroboration: DENIAL (it denies what others report), CONFLICT (another
        report cannot be true as well), AGREE or REFINE (an independent report says the same; REFINE where this one adds detail),
        SAME_SOURCE (only reports that depend on it), SINGLE (no other report).
    """
    linked = table["event_id"].map(split_cell).explode().dropna()
    links = set(zip(table["claim_id"].loc[linked.index], linked, strict=True))
    reports = load_reports(study)
    kept = [pair in links for pair in zip(reports["claim_id"], reports["event_id"], strict=True)]
    return _standing(reports[pd.Series(kept, index=reports.index, dtype=bool)].reset_index(drop=True), study)


def _standing(reports: pd.DataFrame, study: Study) -> pd.DataFrame:
    rooted = with_roots(reports, study)
    pairs = conflicts(reports)
    disputed = set(zip(pairs["event_id"], pairs["one"], strict=True)) | set(
        zip(pairs["event_id"], pairs["other"], strict=True)
    )
    told = rooted[rooted["stance"] != "denies"].groupby("event_id")
    roots, several = told["root"].nunique(), told.size()

    def standing(row) -> str:
        if row.stance == "denies":
            return "DENIAL"
        if (row.event_id, row.claim_id) in disputed:
            return "CONFLICT"
        if roots[row.event_id] > 1:
            return "REFINE" if row.adds else "AGREE"
        return "SAME_SOURCE" if several[row.event_id] > 1 else "SINGLE"

    return rooted.assign(corroboration=[standing(row) for row in rooted.itertuples()])


def attach(table: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Claims with ``event_id`` and ``corroboration`` filled in; a claim of several events has lists in the same order."""
    reports = load_reports(study)
    reports = reports[reports["claim_id"].isin(table["claim_id"])].reset_index(drop=True)
    found = _standing(reports, study).sort_values(["claim_id", "event_id"])
    result = table.copy()
    for column in ("event_id", "corroboration"):
        cells = found.groupby("claim_id")[column].agg(";".join).to_dict()
        result[column] = [cells.get(name, "") for name in result["claim_id"]]
    return result


def summary(study: Study, table: pd.DataFrame, actor: str = "") -> pd.DataFrame:
    """Each event with what is known about it, in the order of time.

    Args:
        table: claims; an event that none of them reports has no row.
        actor: only events in which it, or a person or organ of it, takes part.

    Returns:
        Columns of :data:`EVENTS`; status (reported, alleged, planned or denied: the firmest stance, ``disputed`` where one report denies
        what another reports, alleges or plans), firm (whether some report tells it as a fact), reports, articles, sources (independent ones that do not deny it, if any), plain (those of
        them that report it rather than allege or plan it), dated_by (``text`` where a claim that reports it has a time, else ``context``), conflict (aspects on which reports conflict, ``;``),
        claim_ids, first_day, last_day (ISO dates of the span that the date can mean; empty where none is told), open_start, open_end.
    """
    events = load(study)
    found = corroborated(study, table)
    keep = events["event_id"].isin(found["event_id"])
    if actor:
        roll_up = study.codebook.roll_up
        keep &= events["participants"].map(lambda cell: actor in {roll_up(a) for a in split_cell(cell)}).astype(bool)
    events = events[keep].reset_index(drop=True)
    found = found[found["event_id"].isin(events["event_id"])]
    pairs = conflicts(found)
    grouped = found.groupby("event_id")
    stances = grouped["stance"].agg(set)

    def status(event: str) -> str:
        held = stances[event]
        if "denies" in held and len(held) > 1:
            return "disputed"
        return next(STANCES[stance] for stance in STANCES if stance in held)

    plain = found[found["stance"] == "reports"].groupby("event_id")["root"].nunique()
    dated = set(table.loc[table["event_time"] != "", "claim_id"])
    timed = set(found.loc[found["claim_id"].isin(dated), "event_id"])
    aspects = pairs.groupby("event_id")["aspect"].agg(lambda values: ";".join(sorted(set(values))))
    rows = events.assign(
        status=events["event_id"].map(status),
        firm=[bool("reports" in stances[event]) for event in events["event_id"]],
        reports=events["event_id"].map(grouped.size()),
        articles=events["event_id"].map(grouped["article"].nunique()),
        sources=events["event_id"].map(grouped["root"].agg(_independent)),
        plain=events["event_id"].map(plain).fillna(0).astype(int),
        dated_by=["text" if event in timed else "context" for event in events["event_id"]],
        conflict=events["event_id"].map(aspects).fillna(""),
        claim_ids=events["event_id"].map(grouped["claim_id"].agg(lambda ids: ";".join(sorted(set(ids))))),
    )
    spans = [span(text) if text else None for text in rows["event_time"]]
    rows["first_day"] = [s.first.isoformat() if s else "" for s in spans]
    rows["last_day"] = [s.last.isoformat() if s else "" for s in spans]
    rows["open_start"] = [bool(s and s.open_start) for s in spans]
    rows["open_end"] = [bool(s and s.open_end) for s in spans]
    undated = rows["first_day"] == ""
    return (
        rows.assign(_undated=undated)
        .sort_values(["_undated", "first_day", "last_day", "event_id"])
        .drop(columns="_undated")
        .reset_index(drop=True)
    )


def _independent(roots: pd.Series) -> int:
    """How many independent sources tell of an event; how many deny it where all do."""
    return (roots[roots >= 0] if (roots >= 0).any() else roots).nunique()


def versions(study: Study, table: pd.DataFrame) -> pd.DataFrame:
    """Contested facts: a row an event, aspect and version.

    Returns:
        event_id, aspect, version, letter (a, b, ... within the aspect; ``x``, ``x2`` for denials), articles (``;``), voices (attribution of
        the claims, ``;``), claim_ids.
    """
    found = corroborated(study, table)
    pairs = conflicts(found)
    found = found.merge(table[["claim_id", "attribution"]], on="claim_id")
    against = {
        event: {*own["one"], *own["other"]} for event, own in pairs[pairs["aspect"] == "occurrence"].groupby("event_id")
    }
    rows = []
    for (event, aspect), _ in pairs.groupby(["event_id", "aspect"], sort=True):
        own = found[found["event_id"] == event]
        sided = own[(own["aspect"] == aspect) & (own["stance"] != "denies")].groupby("version", sort=False)
        accounts = [(version, group, "") for version, group in sided]
        if aspect == "occurrence":
            plain = own[own["claim_id"].isin(against[event]) & (own["aspect"] != aspect) & (own["stance"] != "denies")]
            if len(accounts) == 1:  # to tell of it at all is to give the one account that is not a denial
                accounts = [(accounts[0][0], pd.concat([accounts[0][1], plain]), "")]
            elif len(plain):
                accounts.append(("it is so", plain, ""))
            denials = own[own["stance"] == "denies"]
            denied = denials.groupby(denials["version"].replace("", "it is denied"), sort=False)
            accounts += [(version, group, "x" if n == 1 else f"x{n}") for n, (version, group) in enumerate(denied, 1)]
        letters = itertools.chain("abcdefghijklmnopqrstuvw", (f"w{n}" for n in itertools.count(2)))
        for version, group, letter in accounts:
            rows.append(
                {
                    "event_id": event,
                    "aspect": aspect,
                    "version": version,
                    "letter": letter or next(letters),
                    "articles": ";".join(dict.fromkeys(group["article"])),
                    "voices": ";".join(dict.fromkeys(group["attribution"])),
                    "claim_ids": ";".join(sorted(group["claim_id"])),
                }
            )
    columns = ["event_id", "aspect", "version", "letter", "articles", "voices", "claim_ids"]
    return pd.DataFrame(rows, columns=columns)


def _spaced(number: str) -> str:
    """A number with commas between its thousands."""
    whole, point, rest = number.partition(".")
    return f"{int(whole):,}{point}{rest}" if whole.isdigit() else number


def figures_compared(study: Study, table: pd.DataFrame) -> pd.DataFrame:
    """Figures that several claims give or that only look comparable, a row a claim.

    Returns:
        event_id, description, value (with range, exactness and unit), measure, as_of, article, claim_id, not_with.
    """
    events = load(study)
    found = corroborated(study, table).merge(events[["event_id", "kind", "description", "not_with"]], on="event_id")
    columns = [
        "claim_id",
        "quantity_value",
        "quantity_value_max",
        "quantity_unit",
        "quantity_approx",
        "quantity_measure",
        "event_time",
    ]
    found = found.merge(table[columns], on="claim_id")
    found = found[(found["kind"] == "figure") & (found["quantity_value"] != "")]
    book = study.codebook

    def value(row) -> str:
        upper = f" to {_spaced(row.quantity_value_max)}" if row.quantity_value_max else ""
        unit = book.label("quantity_unit", row.quantity_unit) if row.quantity_unit else ""
        exactness = book.label("quantity_approx", row.quantity_approx).lower() if row.quantity_approx else ""
        return f"{_spaced(row.quantity_value)}{upper} {unit} ({exactness})"

    found = found.assign(value=[value(row) for row in found.itertuples()])
    found = found.rename(columns={"quantity_measure": "measure", "event_time": "as_of"})
    found = found.sort_values(["event_id", "claim_id"], ignore_index=True)
    return found[["event_id", "description", "value", "measure", "as_of", "article", "claim_id", "not_with"]]
