"""Exhibits on the material: the articles, who makes the claims, and of what type they are."""

from __future__ import annotations

import pandas as pd

from claimtrace import figures
from claimtrace.claims import count
from claimtrace.compare import UNKNOWN_OUTLET, in_codebook_order
from claimtrace.dates import span
from claimtrace.exhibits.words import article, plural
from claimtrace.figures import BLUE, DARK, GREY, LIGHT, MIDDLE, PALE, Exhibit
from claimtrace.study import Study

#: A code that a chart has no shade of its own for.
OTHER = "other"


def corpus(study: Study) -> Exhibit:
    """Articles on a time line, with the body sentences of each."""
    articles = study.articles.set_index("slug")
    body = study.sentences[study.sentences["kind"] == "body"].groupby("article").size()
    rows = []
    for slug in articles.index:
        published = span(articles.loc[slug, "published_edtf"])
        rows.append(
            {
                "article": slug,
                "n": int(body.get(slug, 0)),
                "published": articles.loc[slug, "published_edtf"],
                "first_day": published.first.isoformat(),
                "last_day": published.last.isoformat(),
                "open_start": published.open_start,
                "open_end": published.open_end,
                "outlet": articles.loc[slug, "outlet"] or UNKNOWN_OUTLET,
            }
        )
    numbers = pd.DataFrame(rows).sort_values(["first_day", "article"]).reset_index(drop=True)
    figure = figures.timeline(
        numbers.assign(label=numbers["article"].map(article)),
        unit="sentences",
        heading=f"{len(numbers)} articles, {numbers['n'].sum()} sentences",
    )
    outlets = numbers.loc[numbers["outlet"] != UNKNOWN_OUTLET, "outlet"].value_counts()
    leaning = len(outlets) and outlets.iloc[0] > 1
    caption = (
        "**The corpus.** Publication dates as far as they are known: a dot is a known day, a bar the span within which "
        "the day falls, an arrow a date known only to be no earlier than its starting point. Bars on the right: body "
        "sentences of each article. "
        + (
            f"{outlets.iloc[0]} of {len(numbers)} articles come from one outlet ({outlets.index[0]}): counts over all articles "
            "lean towards what that outlet chose to write about, and are"
            if leaning
            else "Counts over all articles are"
        )
        + " not a sample of all that was written."
    )
    alt = "Time line of publication. " + "; ".join(
        f"{row.article}, {row.published}: {plural(row.n, 'sentence')}" for row in numbers.itertuples()
    )
    return Exhibit("fig_corpus", figure, numbers, caption, alt + ".")


def claims_per_article(study: Study, table: pd.DataFrame) -> Exhibit:
    """Claims of each article by who makes them: by the groups of attribution in the codebook, or else its codes."""
    entry = study.codebook.variables["attribution"]
    names = dict(entry.get("groups", {})) or {
        code: study.codebook.label("attribution", code)
        for code in in_codebook_order(study, "attribution", set(table["attribution"]))
    }
    own_shade = dict(zip(names, [LIGHT, DARK, MIDDLE, PALE, BLUE], strict=False))
    kind = table["attribution"].map(lambda code: entry["codes"].get(code, {}).get("group", code))
    kind = kind.where(kind.isin(own_shade), OTHER)
    parts = [(name, names[name][:1].lower() + names[name][1:], shade) for name, shade in own_shade.items()]
    parts += [(OTHER, "another kind", GREY)] if OTHER in set(kind) else []
    numbers = count(table.assign(speaker=kind), ["article", "speaker"])
    dates = study.articles.set_index("slug")["published_edtf"]
    order = sorted(set(numbers["article"]), key=lambda slug: (span(dates[slug]).first, slug))
    own = int((table["attribution"] == "AUTHOR").sum())
    figure = figures.stacked_bars(
        numbers.rename(columns={"article": "row", "speaker": "part"}),
        rows=[(slug, article(slug)) for slug in order],
        parts=parts,
        heading=f"{len(table)} claims: {own / max(len(table), 1):.0%} in the author's own voice",
    )
    caption = (
        f"**Claims per article, by innermost claimant.** {own} of {len(table)} claims are made in the author's own voice. "
        "Articles that hold more claims are longer or denser, not more reliable; an article that quotes nobody may still "
        "rest on sources that it does not name."
    )
    totals = numbers.groupby("article")["n"].sum()
    alt = "Bars of claims per article. " + ", ".join(f"{slug} {totals[slug]}" for slug in order)
    return Exhibit("fig_claims_per_article", figure, numbers, caption, alt + ".")


def claim_types(study: Study, table: pd.DataFrame) -> Exhibit:
    """Claim types, and how certain the article's author is of them."""
    certainty = {
        "CT+": "certain", "CT-": "certainly not", "PR+": "probable", "PR-": "probable", "PS+": "possible",
        "PS-": "possible", "Uu": "not committed", "CTu": "not committed",
    }  # fmt: skip
    shades = {
        "certain": DARK,
        "certainly not": BLUE,
        "probable": MIDDLE,
        "possible": PALE,
        "not committed": LIGHT,
    }
    coded = table.assign(certainty=table["factuality_author"].map(certainty).fillna(OTHER))
    if OTHER in set(coded["certainty"]):
        shades[OTHER] = GREY
    numbers = count(coded, ["claim_type", "certainty"])
    order = in_codebook_order(study, "claim_type", set(numbers["claim_type"]))
    sure = int(coded["certainty"].isin(["certain", "certainly not"]).sum())
    figure = figures.stacked_bars(
        numbers.rename(columns={"claim_type": "row", "certainty": "part"}),
        rows=[(code, study.codebook.label("claim_type", code)) for code in order],
        parts=[
            (name, "another value" if name == OTHER else f"author: {name}", colour) for name, colour in shades.items()
        ],
        heading=f"{len(table)} claims by type: the author is certain of {sure / max(len(table), 1):.0%}, one way or the other",
    )
    caption = (
        f"**Claim types and factuality.** {len(table)} claims in {table['article'].nunique()} articles; shades show "
        "how far the article's author is committed to a claim (values of FactBank, a scheme for how sure a source is "
        "of an event; *probable* and *possible* include both polarities). *Not committed* is mostly reported speech "
        "and conditionals: it does not mean that a claim is false, nor does *certain* mean that it is true."
    )
    totals = numbers.groupby("claim_type")["n"].sum().sort_values(ascending=False)
    alt = "Bars of claim types. " + ", ".join(
        f"{study.codebook.label('claim_type', code)} {n}" for code, n in totals.items()
    )
    return Exhibit("fig_claim_types", figure, numbers, caption, alt + ".")
