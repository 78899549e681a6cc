"""Pages of the articles, and the table of claims."""

from __future__ import annotations

from collections import Counter
from html import escape
from itertools import groupby

from claimtrace.corpus import passages
from claimtrace.dossier import Dossier
from claimtrace.marks import Mark
from claimtrace.site import html
from claimtrace.site.words import Words, markdown
from claimtrace.study import Study

#: Columns of the table of claims: heading, variable, and whether it can be chosen from a list.
COLUMNS = [
    ("Type", "claim_type", True),
    ("Scope", "scope", True),
    ("Subject", "subject", True),
    ("Target", "target", True),
    ("Motive", "motive", True),
    ("Direction", "motive_polarity", True),
    ("Voice", "voice", True),
    ("Certainty of the author", "factuality_author", True),
    ("Time", "event_time", False),
]


def facts(study: Study, slug: str) -> list[str]:
    """What is known of an article, in Markdown: authors, outlet, date, address, what is not known."""
    row = study.catalogue.loc[slug]
    lines = [
        f"{heading}: {markdown(row[column])}"
        for heading, column in (
            ("Authors", "authors"),
            ("Outlet", "outlet"),
            ("Published", "published_edtf"),
            ("Metadata", "status_of_metadata"),
        )
        if row[column]
    ]
    if row["url"].startswith(("https://", "http://")):
        lines.append(f"Address: <{row['url']}>" if not set(row["url"]) & set("<> ") else markdown(row["url"]))
    return ["\n".join(f"- {line}" for line in lines)]


def article_page(
    study: Study,
    slug: str,
    own: list[Dossier],
    words: Words,
    counted: dict[str, dict[str, list[Mark]]],
    titles: dict[str, str],
) -> tuple[str, list[str], str]:
    """Title, facts (Markdown) and passages with their claims (HTML) of an article."""
    title = study.catalogue.at[slug, "title"] or slug
    types = Counter(found.codes["claim_type"][1] for found in own if "claim_type" in found.codes)
    said = ", ".join(f"{escape(name)} {n}" for name, n in sorted(types.items(), key=lambda item: (-item[1], item[0])))
    parts = [f"<p>{len(own)} claims. {said}.</p>"]
    texts = passages(study)
    texts = texts[texts["article"] == slug].set_index("passage")["text"]
    claims = {passage: list(group) for passage, group in groupby(own, key=lambda found: found.passage)}
    for passage, text in texts.items():
        held = claims.get(passage, [])
        items = "".join(
            html.claim(found, "../", home=True, charts=html.charts(counted.get(found.claim, {}), titles, words, "../"))
            for found in held
        )
        parts.append(
            f'<section id="{escape(str(passage))}"><h2>{escape(str(passage))}</h2>'
            f"<blockquote>{html.marked(text, [found.quote for found in held])}</blockquote>"
            + (f"<ul class=claims>{items}</ul>" if items else "<p>No claim.</p>")
            + "</section>"
        )
    return title, facts(study, slug), "".join(parts)


def articles_page(study: Study, known: dict[str, Dossier]) -> str:
    """A table of the articles and of what each contributes."""
    rows = []
    for row in study.articles.to_dict("records"):
        own = [found for found in known.values() if found.article == row["slug"]]
        motives = sum("motive" in found.codes for found in own)
        quoted = sum(found.codes.get("attribution", ("AUTHOR",))[0] != "AUTHOR" for found in own)
        cells = [row["authors"].replace(";", ","), row["outlet"], row["published_edtf"], len(own), motives, quoted]
        link = html.anchor(f"articles/{row['slug']}.html", row["title"] or row["slug"])
        rows.append(f"<tr><th scope=row>{link}</th>{''.join(f'<td>{escape(str(cell))}</td>' for cell in cells)}</tr>")
    heads = ["Article", "Authors", "Outlet", "Published", "Claims", "With a motive", "Not in the author's voice"]
    head = "".join(f"<th scope=col>{name}</th>" for name in heads)
    return html.scroll(
        f'<table class="table articles"><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table>',
        "Articles",
    )


def claims_page(known: dict[str, Dossier]) -> str:
    """The claims as a table; ``table.js`` adds search, choice and order."""
    heads = [("Claim", False), ("Article", True), ("Statement", False), *((name, pick) for name, _, pick in COLUMNS)]
    head = "".join(f"<th scope=col{' data-pick' if pick else ''}>{name}</th>" for name, pick in heads)
    rows = []
    for name, found in known.items():
        cells = [found.article, found.statement, *(found.codes.get(column, ("", ""))[1] for _, column, _ in COLUMNS)]
        link = html.anchor(html.claim_address(found, ""), name)
        rows.append(f"<tr><td>{link}{''.join(f'<td>{escape(cell)}' for cell in cells)}")
    table = f"<table class=table data-interactive><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    return html.scroll(table, "Claims")
