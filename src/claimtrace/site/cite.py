"""How to cite, from CITATION.cff and the catalogue."""

from __future__ import annotations

import re
from pathlib import Path

from claimtrace.plain import read_yaml
from claimtrace.site.words import markdown
from claimtrace.study import Study


def cite_page(path: Path, study: Study) -> tuple[str, list[str]]:
    """Title and Markdown of the page."""
    parts = []
    if path.is_file():
        citation = read_yaml(path)
        authors = [author_name(author) for author in citation.get("authors", [])]
        year = str(citation.get("date-released", ""))[:4]
        parts = [
            markdown(str(citation.get("message", ""))),
            f"> {_reference(citation, year)}",
            _bibtex(citation, authors, year),
        ]
        if data := [entry for entry in citation.get("references", []) if entry.get("type") == "dataset"]:
            parts += ["The claims, as data:", *(f"> {_reference(entry, year)}" for entry in data)]
        parts.append(_FIGURE)
    parts.append("## The articles")
    for row in study.articles.to_dict("records"):
        told = [row["authors"].replace(";", ","), f"({row['published_edtf']})", row["title"], row["outlet"]]
        parts.append(f"- {markdown(' '.join(_ended(part) for part in told if part))}")
    return "How to cite", parts


_FIGURE = (
    "Cite a chart by its name (such as `fig_motives`) and this version; if it was drawn with other parameters, give "
    "these too. Each picture file names the data from which it was made, with their SHA-256, and the parameters that "
    "were chosen."
)


def _reference(entry: dict, year: str) -> str:
    """Authors, year, title, version and licence, in Markdown."""
    told = [
        ", ".join(map(author_name, entry.get("authors", []))),
        f"({year})",
        entry.get("title", ""),
        f"Version {entry.get('version', '')}",
        entry.get("license", ""),
    ]
    return markdown(" ".join(_ended(str(part)) for part in told if part))


def _ended(text: str) -> str:
    """A text with a full stop, unless it ends a sentence by itself."""
    return text if text.endswith(("?", "!", ".")) else text + "."


def author_name(author: dict) -> str:
    """An author of CITATION.cff: an entity's name, or the parts of a person's that are given."""
    return author.get("name") or " ".join(author[part] for part in ("given-names", "family-names") if part in author)


def _bibtex(citation: dict, authors: list[str], year: str) -> str:
    fields = {
        "title": citation.get("title", ""),
        "author": " and ".join(f"{{{author}}}" for author in authors),
        "year": year,
        "version": str(citation.get("version", "")),
        "license": str(citation.get("license", "")),
    }
    name = re.sub(r"\W+", "", authors[0].lower())[:20] if authors else "study"
    lines = [f"  {field} = {{{value}}}," for field, value in fields.items() if value]
    return "\n".join(["```bibtex", f"@software{{{name}{year},", *lines, "}", "```"]).replace("````", "")
