"""Pages that are written from the data: the codebook page, the data dictionary, findings and exhibits of the README."""

from __future__ import annotations

import json
from pathlib import Path

from claimtrace import claims, compare, schema
from claimtrace.codebook import Codebook
from claimtrace.errors import StudyError
from claimtrace.exhibits.words import plural, types_of
from claimtrace.files import write_whole
from claimtrace.study import Study


def _escape(text: object) -> str:
    return " ".join(str(text).split()).replace("|", "\\|")


def _table(headings: list[str], rows: list[list[object]]) -> list[str]:
    lines = ["| " + " | ".join(headings) + " |", "|" + "---|" * len(headings)]
    return lines + ["| " + " | ".join(_escape(cell) for cell in row) + " |" for row in rows]


def codebook_page(book: Codebook) -> str:
    """The codebook as Markdown: rules, every variable with its codes, every actor."""
    lines = [f"# {book.title}", "", f"Version {book.version}. Generated from `codebook.yaml` and `actors.yaml`.", ""]
    lines += ["## Rules of coding", ""]
    for rule in book.rules:
        lines += [f"**{rule['id']} {rule['label']}.** {_escape(rule['text'])}", ""]
    for name, entry in book.variables.items():
        lines += [f"## {entry['label']} (`{name}`)", "", _escape(entry["question"]), ""]
        facts = [
            f"Scale: {entry['scale']}",
            "a list" if entry.get("list") else "one value",
            f"source: {entry['source']}",
        ]
        lines += ["; ".join(facts) + ".", ""]
        if "codes" in entry:
            groups = entry.get("groups", {})
            headings = ["Code", "Label", *(["Group"] if groups else []), "Definition", "Include", "Exclude", "Example"]
            rows = []
            for code, content in entry["codes"].items():
                group = [groups[content["group"]]] if groups else []
                parts = [content.get(part, "") for part in ("definition", "include", "exclude", "example")]
                rows.append([f"`{code}`", content["label"], *group, *parts])
            lines += [*_table(headings, rows), ""]
    for change in book.changes:
        lines += [f"## What changed in version {change['version']}", ""]
        lines += [f"- {_escape(line)}" for line in change["list"]] + [""]
        if change.get("recoded"):
            names = ", ".join(f"`{name}`" for name in change["recoded"])
            lines += [f"Coded again with this version: {names}.", ""]
    lines += ["## Actors", ""]
    rows = []
    for actor, content in book.actors.items():
        aliases = [alias["text"] if isinstance(alias, dict) else alias for alias in content.get("aliases", [])]
        valid = content.get("valid", {})
        span = f"{valid.get('from', '')} to {valid.get('to', '')}" if valid else ""
        about = "; ".join(str(content[key]) for key in ("role", "note") if content.get(key))
        rows.append(
            [
                f"`{actor}`",
                content["label"],
                content["type"],
                content.get("part_of", ""),
                span,
                ", ".join(aliases),
                about,
            ]
        )
    lines += _table(["Id", "Label", "Type", "Part of", "Valid", "Aliases", "Role or note"], rows)
    return "\n".join(lines) + "\n"


def dictionary(study: Study) -> str:
    """The data dictionary as Markdown, from the table schemas; codings of one shape are described once."""
    lines, described = [], {}
    for resource in schema.package(study)["resources"]:
        lines += [f"### `{resource['path']}`: {resource['title']}", ""]
        fields = resource["schema"]["fields"]
        key = str(fields)
        if key in described:
            lines += [f"Columns as in `{described[key]}`.", ""]
            continue
        described[key] = resource["path"]
        rows = []
        for field in fields:
            constraints = field.get("constraints", {})
            values = ", ".join(f"`{value}`" for value in constraints.get("enum", []))
            rows.append(
                [f"`{field['name']}`", field["type"], field["description"], values or constraints.get("pattern", "")]
            )
        lines += [*_table(["Column", "Type", "Meaning", "Values"], rows), ""]
    return "\n".join(lines).rstrip() + "\n"


def _are(number: int) -> str:
    return f"{number} {'is' if number == 1 else 'are'}"


def findings(study: Study) -> str:
    """What the headline shows, in sentences written from the data."""
    table = claims.load(study)
    held = claims.select(table, scope=study.settings["headline_scope"], motive_polarity=list(compare.DIRECTIONS))
    held = compare.present(compare.motives_of(held, study))
    once = held.drop_duplicates("claim_id")
    voices = once["voice"].value_counts()
    body = (study.sentences["kind"] == "body").sum()
    lines = [
        f"- {len(study.articles)} articles, {body} body sentences, {len(table)} claims; {len(once)} of them give a motive for "
        f"dealing, or not dealing, with {study.focus_name} (by type: {types_of(study, once)}); whether it speaks for or against is left open in {(once['motive_polarity'] == 'unclear').sum()} of these.",
        f"- Of these {len(once)}, {_are(voices.get('IMPUTED', 0))} imputed by the author of the article, "
        f"{_are(voices.get('REPORTED', 0))} reported by others and {_are(voices.get('SELF', 0))} stated by the actor itself.",
    ]
    for actor in compare.ranked(held, "actor")[:4]:
        own = held[held["actor"] == actor]
        cells = claims.count(own, ["motive", "motive_polarity"]).sort_values(
            ["n", "articles", "motive"], ascending=[False, False, True]
        )
        level = cells.iloc[min(2, len(cells) - 1)]  # what is level with the third is named too
        cells = cells[
            (cells["n"] > level["n"]) | ((cells["n"] == level["n"]) & (cells["articles"] >= level["articles"]))
        ]
        named = [
            f"{study.codebook.phrase('motive', row.motive)}{compare.DIRECTIONS[row.motive_polarity]} ({row.n} in {row.articles})"
            for row in cells.itertuples()
        ]
        lines.append(
            f"- {study.codebook.actor_label(actor)}: {len(own)} of these claims, in {plural(own['article'].nunique(), 'article')}; most often: "
            f"{', '.join(named)}."
        )
    return "\n".join(lines) + (
        "\n\nListed are the actors to whom most motives are ascribed, each with the three motives that most claims give (and any level with the third in both claims and "
        "articles); in brackets, the number of claims and of the articles they come from. The mark (against) means a reason for not dealing, (direction open) that the "
        "text does not say whether the motive speaks for or against. Claims that name no actor are left out.\n"
    )


def exhibits_table(notebooks: Path) -> str:
    """Every exhibit of the committed notebooks, its notebook and its files, as Markdown."""
    rows = []
    for path in sorted(notebooks.glob("*.ipynb")):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        outputs = [output for cell in notebook["cells"] for output in cell.get("outputs", [])]
        texts = [
            "".join(output["data"]["text/plain"]) for output in outputs if "image/svg+xml" in output.get("data", {})
        ]
        for name, alt in (text.split(": ", 1) for text in texts):
            pattern = name.rsplit("_", 1)[0] + "_ACTOR" if name.startswith("fig_country_") else name
            link = f"[{path.stem}](notebooks/{path.name})"
            rows.append(
                [
                    f"`{pattern}`",
                    "Bars for one actor" if pattern != name else alt.split(".")[0],
                    link,
                    f"`build/figures/{pattern}.*`",
                    f"`build/tables/{pattern}.csv`",
                ]
            )
    return "\n".join(_table(["Exhibit", "What", "Notebook", "Pictures", "Numbers and claim ids"], rows)) + "\n"


def fill(page: Path, name: str, content: str, text: str | None = None) -> str:
    """A page with one generated part replaced.

    Args:
        name: of the part, between ``<!-- begin NAME -->`` and ``<!-- end NAME -->``.
        text: of the page, where it was changed before; default what the file holds.

    Raises:
        StudyError: the page has no marks for the part.
    """
    text = page.read_text(encoding="utf-8") if text is None else text
    begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
    if text.count(begin) != 1 or text.count(end) != 1:
        raise StudyError(f"{page.name}: needs one line {begin!r} and one {end!r}")
    before, rest = text.split(begin)
    return f"{before}{begin}\n\n{content}\n{end}{rest.split(end)[1]}"


def render(study: Study, repository: Path | None = None) -> dict[Path, str]:
    """Path and content of every generated page of a study, and of the README of its repository."""
    found = {study.root / "codebook" / "README.md": codebook_page(study.codebook)}
    page = study.root / "README.md"
    if page.is_file():
        found[page] = fill(page, "dictionary", dictionary(study))
    if repository:
        from claimtrace import crate  # loads a library of its own, which the pages of a study do not need

        page = repository / "README.md"
        text = fill(page, "findings", findings(study))
        found[page] = fill(page, "exhibits", exhibits_table(repository / "notebooks"), text)
        if (repository / "CITATION.cff").is_file():
            found[repository / "codemeta.json"] = crate.serialise(crate.codemeta(repository))
    return found


def write(study: Study, repository: Path | None = None) -> list[Path]:
    """Write the generated pages."""
    pages = render(study, repository)
    for path, content in pages.items():
        write_whole(path, content.encode("utf-8"))
    return list(pages)
