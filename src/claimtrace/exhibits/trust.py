"""Exhibits on how far to trust the others: agreement of coders, uncertainty, robustness."""

from __future__ import annotations

import pandas as pd

from claimtrace import figures, marks, robustness, uncertainty
from claimtrace.agreement import SECOND_ROUND, final
from claimtrace.claims import split_cell
from claimtrace.compare import DIRECTIONS, present, ranked, ranked_or_all, with_side
from claimtrace.exhibits.words import UNIT_NAMES, article, plural, sources_of_sides
from claimtrace.figures import DARK, LIGHT, MIDDLE, Exhibit
from claimtrace.study import Study

#: Krippendorff's customary bounds of alpha: reliable, and fit for tentative conclusions.
RELIABLE, TENTATIVE = 0.8, 0.667

#: Variables that charts draw or select by.
CHARTED = [
    "claim_type", "subject", "target", "scope", "motive", "motive_polarity", "voice", "strength", "event_type",
    "factuality_source", "factuality_author", "claimant", "attribution", "event_time", "period", "quantity_value",
]  # fmt: skip


def reliability(study: Study, numbers: pd.DataFrame) -> Exhibit:
    """Krippendorff's alpha of every variable and motive, with its interval.

    Args:
        numbers: output of :func:`claimtrace.agreement.reliability`, followed by that of
            :func:`claimtrace.agreement.reliability_again` where there was a second round.
    """
    first = numbers[numbers["group"] == "Matched claims"]
    last = final(numbers).dropna()  # where nothing varies there is no agreement to speak of
    again = len(numbers[numbers["group"] == SECOND_ROUND]) > 0
    at_first = int((first["value"] >= RELIABLE).sum())
    single = numbers[numbers["given"].notna() & numbers["value"].notna()]
    published = numbers[[*numbers.columns.drop("label"), "label"]]
    units = (
        numbers["n"]
        .astype(str)
        .where(numbers["given"].isna(), numbers["given"].map("{:.0f} of ".format) + numbers["n"].astype(str))
    )
    figure = figures.intervals(
        numbers.assign(mark=marks.keys(published), n=units),
        bounds={bound: f"{bound:.3f}" for bound in (TENTATIVE, RELIABLE)},
        heading=f"Agreement of two codings: {at_first} of {len(last)} variables of a claim at {RELIABLE:.2f} or above",
    )
    weak = first[first["value"] < RELIABLE].sort_values("value")
    below = [
        f"{row.label[:1].lower() + row.label[1:]} ({row.value:.2f}"
        + (f", in the second round {last[row.id]:.2f})" if again and last.get(row.id) != row.value else ")")
        for row in weak.itertuples()
    ]
    caption = (
        "**Agreement before adjudication.** Krippendorff's alpha with 95 % intervals (articles, then sentences, drawn with "
        f"replacement), against the customary bounds {TENTATIVE:.3f} (tentative) and {RELIABLE:.3f} (reliable). An interval has no width where the coders agree on every unit; draws in which a rare motive does not occur are left out. On the right "
        "the number of units; for each motive also the number in which at least one coder gave it: where that is "
        "small, alpha means little. Claims that only one coder has are not among the matched claims, and subject and "
        "target enter into the matching. "
        + (
            "The second round coded the claims of either pass anew, matched or not, with a later version of the codebook; its coders were "
            "given each claim and its statement, so its figures cannot be compared with the others. "
            if again
            else ""
        )
        + f"The lower end of the interval lies below {RELIABLE:.3f} for {int((first['low'] < RELIABLE).sum())} of the "
        f"{len(first.dropna(subset=['value']))} variables, and below {TENTATIVE:.3f} for {int((single['low'] < TENTATIVE).sum())} of the "
        f"{len(single)} motives. "
        + (f"Below {RELIABLE:.3f}: {', '.join(below)}. " if below else "")
        + "Agreement of two coders is not truth"
        + (f"; {coders}" if (coders := study.settings.get("coders")) else ".")
    )
    alt = "Krippendorff's alpha by variable. " + "; ".join(
        f"{row.label} {row.value:.2f}" for row in numbers.itertuples() if row.value == row.value
    )
    return Exhibit("fig_reliability", figure, published, caption, alt + ".")


def voices(study: Study, table: pd.DataFrame, unit: str = "claims", minimum: int = 5) -> Exhibit:
    """In whose voice motives reach the reader, as shares with intervals.

    Args:
        table: output of :func:`claimtrace.compare.motives_of`.
        minimum: least n of an actor that is drawn.
    """
    held = present(table)
    if held.empty:
        figure = figures.message("In whose voice", "No claim is left by these parameters.")
        return Exhibit(
            "fig_voices",
            figure,
            pd.DataFrame(columns=_VOICES),
            "**Who says that an actor has a motive.** None.",
            "No claim.",
        )
    everyone = held.drop_duplicates("claim_id").assign(actor=_EVERYONE)
    found = uncertainty.shares(pd.concat([everyone, held]), "actor", "voice", unit)
    shown = [_EVERYONE, *ranked_or_all(held, "actor", unit, minimum)]
    rows = []
    for voice in ("IMPUTED", "REPORTED", "SELF"):
        for actor in shown:
            own = found[(found["actor"] == actor) & (found["voice"] == voice)]
            total = int(found[found["actor"] == actor]["total"].max())
            articles = int(found[found["actor"] == actor]["articles"].max())
            label = "all actors" if actor == _EVERYONE else study.codebook.actor_label(actor, short=True)
            row = {
                "group": study.codebook.label("voice", voice),
                "label": label,
                "actor": actor,
                "voice": voice,
                "value": 0.0,
            }
            row |= {"low": float("nan"), "high": float("nan"), "n_voice": 0, "claim_ids": ""}
            if len(own):
                first = own.iloc[0]
                row |= {name: first[name] for name in ("value", "low", "high", "claim_ids")} | {
                    "n_voice": int(first["n"])
                }
            rows.append(row | {"total": total, "articles": articles, "n": f"{row['n_voice']} of {total} in {articles}"})
    numbers = pd.DataFrame(rows)
    published = numbers.drop(columns="n").rename(columns={"n_voice": "n"})[_VOICES]
    read = f"{numbers.iloc[0]['value']:.0%} of the "
    read += (
        "articles hold motives in their author's own reading"
        if unit == "articles"
        else "claims that give a motive are the author's own reading"
    )
    figure = figures.intervals(
        numbers.assign(mark=marks.keys(published)),
        bounds={},
        heading=f"In whose voice: {read}",
        form="{:.0%}",
        values="{:.0%}",
        counted=f"{UNIT_NAMES[unit]}, articles",
    )
    caption = (
        f"**Who says that an actor has a motive.** Shares of the {UNIT_NAMES[unit]} that give a motive, with 95 % intervals that resample the "
        f"{held['article'].nunique()} articles that give one ({uncertainty.DRAWS:,} draws); "
        f"on the right the {UNIT_NAMES[unit]} behind a share, out of all of the actor, and the number of articles of all. There is no interval where "
        f"the claims come from fewer than {uncertainty.LEAST} articles; where all or none have the voice, it has no width. An "
        "interval shows how much the share depends on single articles; it says nothing about articles that were not "
        "coded, and with so few articles it is rough."
    )
    alt = "Shares of the voices in which motives are given. " + "; ".join(
        f"{r.label}, {r.group.lower()}: {r.n_voice} of {r.total}" for r in numbers.itertuples()
    )
    return Exhibit("fig_voices", figure, published, caption, alt + ".")


_VOICES = ["voice", "actor", "value", "low", "high", "n", "total", "articles", "claim_ids"]
#: Stands for all actors together.
_EVERYONE = "all"


def points(difference: float) -> str:
    """A difference of shares in percentage points."""
    return f"{100 * difference:+.0f}".replace("-", "−")


def change(study: Study, table: pd.DataFrame, unit: str = "claims", minimum: int = 5) -> Exhibit:
    """By how much the share of each group of motives differs after the dividing date, with intervals."""
    divide = study.settings["divide"]
    sided = with_side(present(table), study)
    part = sided["motive"].map(lambda code: study.codebook.group("motive", code))
    for direction, name in _OTHER_DIRECTIONS.items():
        part = part.mask(sided["motive_polarity"] == direction, name)
    sided = sided.assign(part=part)
    order = [*study.codebook.variables["motive"]["groups"].values(), *_OTHER_DIRECTIONS.values()]
    n = (
        sided.groupby(["actor", "side"])["claim_id"]
        .nunique()
        .unstack(fill_value=0)
        .reindex(columns=["before", "after"], fill_value=0)
    )
    shown = [actor for actor in ranked(sided, "actor", unit) if n.loc[actor].min() >= minimum]
    rows, bases = [], {}
    for actor in [_EVERYONE, *shown]:
        own = sided.drop_duplicates("claim_id") if actor == _EVERYONE else sided[sided["actor"] == actor]
        held = own["side"].value_counts()
        bases[actor] = f"{held.get('before', 0)} | {held.get('after', 0)} claims"
        label = "All actors" if actor == _EVERYONE else study.codebook.actor_label(actor)
        found = uncertainty.differences(own, "part", "side", unit).set_index("part")
        for part in order:
            if part in found.index:
                row = found.loc[part]
                rows.append(
                    {
                        "group": label,
                        "label": part,
                        "actor": actor,
                        **row.to_dict(),
                        "n": f"{row['before']:.0f} | {row['after']:.0f}",
                    }
                )
    numbers = pd.DataFrame(
        rows, columns=["group", "label", "actor", "value", "low", "high", "before", "after", "claim_ids", "n"]
    )
    published = numbers[["actor", "label", "value", "low", "high", "before", "after", "group", "claim_ids"]]
    # That a text leaves the direction open is a finding on the text, not on motives.
    told = numbers[numbers["label"] != _OTHER_DIRECTIONS["unclear"]]
    sure, known = told[(told["low"] > 0) | (told["high"] < 0)], told.dropna(subset=["low"])
    heading = f"Motives {divide['after']['label']} minus before"
    heading += (
        f": of {plural(len(known), 'difference')} with direction and interval, {len(sure)} clear of zero"
        if len(known)
        else ""
    )
    if numbers.empty:
        figure = figures.message(heading, "One of the sides holds no claim.")
    else:
        figure = figures.intervals(
            numbers.assign(
                value=100 * numbers["value"],
                low=100 * numbers["low"].clip(-1, 1),
                high=100 * numbers["high"].clip(-1, 1),
                group=numbers["group"] + " (" + numbers["actor"].map(bases) + ")",
                mark=marks.keys(published),
            ),
            bounds={0.0: "no difference"},
            heading=heading,
            ticks=(-100, -50, 0, 50, 100),
            form="{:g}",
            values="{:+.0f}",
            counted="n before | after",
            unit="percentage points",
        )

    def clear(rows: pd.DataFrame) -> str:
        return (
            "; ".join(f"{row.group}, {row.label.lower()} ({points(row.value)})" for row in rows.itertuples()) or "none"
        )

    left = numbers[(numbers["label"] == _OTHER_DIRECTIONS["unclear"]) & ((numbers["low"] > 0) | (numbers["high"] < 0))]
    caption = (
        f"**What differs {divide['after']['label']}.** Difference of shares in percentage points, with 95 % intervals that resample the articles ({uncertainty.DRAWS:,} draws); the "
        "counts on each side stand on the right, those of all motives in brackets after the actor. Actors with at "
        f"least {plural(minimum, 'claim')} on each side. There is no interval where the claims come from fewer than {uncertainty.LEAST} articles, a side rests on one or has "
        f"no claim of the kind. Motives with a direction whose interval excludes zero: {clear(sure)}; motives whose "
        f"direction is left open, which says something of the texts rather than of motives: {clear(left)}. With this "
        f"many intervals, some exclude zero by chance. {sources_of_sides(sided)}: a difference between the sides is "
        "not a change of policy."
    )
    alt = "Differences in shares, before and after the dividing date. " + "; ".join(
        f"{r.group}, {r.label} {points(r.value)}" for r in numbers.itertuples()
    )
    return Exhibit("fig_change", figure, published, caption, alt + ".")


#: Directions that stand in parts of their own, whatever their motive.
_OTHER_DIRECTIONS = {"brake": "Reasons against", "unclear": "Direction left open"}


def specification_curves(study: Study, found: pd.DataFrame, ids: dict[str, str], actors: list[str]) -> Exhibit:
    """Whether the headline motive of each actor leads under every combination of choices.

    Args:
        found: output of :func:`claimtrace.robustness.verdicts`.
        ids: actor to the ids of the claims behind its headline motive in the first specification.
        actors: in the order in which they are drawn.
    """
    table = robustness.by_choice(found)
    lead = robustness.headline_rows(found)
    book = study.codebook
    columns, curves = [], {}
    for actor in actors:
        motive, direction = lead[actor].split(" ")
        told = split_cell(ids[actor])
        n = f"\n{len(told)} in {len({claim.split('.')[0] for claim in told})}"
        columns.append(
            (actor, book.actor_label(actor, short=True), book.label("motive", motive) + DIRECTIONS[direction] + n)
        )
        margins = found[found["actor"] == actor]["margin"].dropna().sort_values()
        curves[actor] = list(margins.quantile([(i + 0.5) / _POINTS for i in range(_POINTS)])) if len(margins) else []
    rows = []
    for choice in robustness.CHOICES:
        for value in dict.fromkeys(found[choice]):
            rows.append((f"{choice}={value}", _choice_label(study, choice, value), _CHOICE_NAMES[choice]))
    long = table.melt(
        id_vars=["actor", "choice", "value", "specifications"],
        value_vars=["leads", "ties", "loses"],
        var_name="part",
        value_name="n",
    )
    long = long[long["specifications"] > 0]
    long = long.assign(
        column=long["actor"], row=long["choice"] + "=" + long["value"], share=long["n"] / long["specifications"]
    )
    total = found["spec"].nunique()
    firm = [
        actor
        for actor in actors
        if (found[(found["actor"] == actor) & (found["holds"] != "none")]["holds"] == "leads").mean() > 0.5
    ]
    broad = sum(len(split_cell(ids[actor])) >= ENOUGH for actor in firm)
    solid = [label for actor, label, _ in columns if not (found[found["actor"] == actor]["holds"] == "loses").any()]
    equal = found.drop_duplicates("actor").set_index("actor")["equals"]
    level = []
    for actor, label, _ in columns:
        names = [
            book.phrase("motive", code) + DIRECTIONS[way] for code, way in map(str.split, split_cell(equal[actor]))
        ]
        level += [f"{label} (with {', '.join(names)})"] if names else []
    published = table.assign(
        claim_ids=table["actor"].map(ids),
        direction=table["row"].str.split(" ").str[1],
        motive=table["row"].str.split(" ").str[0],
    )[_PUBLISHED]
    rows_of = zip(table["actor"], table["choice"] + "=" + table["value"], strict=True)
    mark = dict(zip(rows_of, marks.keys(published), strict=True))
    figure = figures.specifications(
        curves,
        long.assign(mark=[mark[row.column, row.row] for row in long.itertuples()]),
        columns=columns,
        rows=rows,
        parts=[
            ("leads", "the headline motive leads alone", DARK),
            ("ties", "shares the lead", MIDDLE),
            ("loses", "another leads", LIGHT),
        ],
        heading=f"{len(firm)} of {len(columns)} leading motives lead alone in most specifications, {broad} of them with {ENOUGH} claims or more",
    )
    caption = (
        "**Specification curves.** For each actor, the motive counted most often under the choices of notebook 4, and "
        f"what becomes of it in {total} combinations of coding, unit, scope, voice, explicitness, weighting of claims "
        "with several actors, and articles or outlets left out. Below each name: that motive, its claims and their "
        "articles. Curves: its margin over the next motive, as a share of all that is counted for the actor, in every "
        "specification that leaves a claim, in ascending order. Bars: how often it leads, ties or loses among the "
        "specifications that make the given choice and leave a claim, with the percentage in which it leads alone; the heading, too, counts only these. The "
        f"motive never loses the lead for: {', '.join(solid) or 'none'}. "
        + (
            f"Tied with others under the choices of notebook 4 themselves: {', '.join(level)}; there the motive given "
            "by more articles is followed, or else the first by code. "
            if level
            else ""
        )
        + "Each mark links to the claims behind the headline motive, whatever the choice. Specifications are not a "
        "sample and not equally sensible; a share of them is not a probability. With small counts, leads are thin."
    )
    shares = found.groupby("actor")["holds"].value_counts().unstack(fill_value=0)
    alt = "Specification curves. " + "; ".join(
        f"{label}, {', '.join(motive.splitlines())}: leads in {shares.loc[actor].get('leads', 0)} of {total - shares.loc[actor].get('none', 0)}"
        for actor, label, motive in columns
    )
    return Exhibit("fig_robustness", figure, published, caption, alt + ".")


_PUBLISHED = [
    "actor", "motive", "direction", "choice", "value", "specifications", "leads", "ties", "loses", "none", "claim_ids",
]  # fmt: skip
#: A motive with fewer claims leads by so little that one more or less overthrows it.
ENOUGH = 5
#: Points by which a curve is drawn.
_POINTS = 120
_CHOICE_NAMES = {
    "coding": "Coding", "unit": "Unit of counting", "scope": "Scope", "voice": "Voice", "strength": "Explicitness",
    "weighting": "A claim with several actors", "left_out": "Left out",
}  # fmt: skip


def _choice_label(study: Study, choice: str, value: str) -> str:
    """A value of a choice in words."""
    if choice == "coding":
        return {"claims": "adjudicated"}.get(value, value.replace("_", " "))
    if choice == "unit":
        return UNIT_NAMES[value]
    if choice == "weighting":
        return {"full": "counts for each in full", "divided": "is divided among them"}[value]
    if choice == "left_out":
        kind, _, name = value.partition(" ")
        return "nothing" if value == robustness.ALL else article(name) if kind == "article" else name
    if value == robustness.ALL:
        return "all"
    return ", ".join(study.codebook.label(choice, code) for code in value.split(";"))
