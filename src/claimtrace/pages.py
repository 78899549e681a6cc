"""Pages that are written from the data they describe: the codebook page and the data dictionary."""

from __future__ import annotations

from pathlib import Path

from claimtrace import schema
from claimtrace.codebook import Codebook
from claimtrace.errors import StudyError
from claimtrace.study import Study

BEGIN, END = "<!-- generated: begin -->", "<!-- generated: end -->"


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


def fill(page: Path, content: str) -> str:
    """A page with its generated part replaced.

    Raises:
        StudyError: the page has no marks for it.
    """
    text = page.read_text(encoding="utf-8")
    if text.count(BEGIN) != 1 or text.count(END) != 1:
        raise StudyError(f"{page.name}: needs one line {BEGIN!r} and one {END!r}")
    before, rest = text.split(BEGIN)
    return f"{before}{BEGIN}\n\n{content}\n{END}{rest.split(END)[1]}"


def render(study: Study) -> dict[Path, str]:
    """Path and content of every generated page of a study."""
    found = {study.root / "codebook" / "README.md": codebook_page(study.codebook)}
    dictionary_page = study.root / "README.md"
    if dictionary_page.is_file():
        found[dictionary_page] = fill(dictionary_page, dictionary(study))
    return found


def write(study: Study) -> list[Path]:
    """Write the generated pages."""
    pages = render(study)
    for path, content in pages.items():
        path.write_text(content, encoding="utf-8")
    return list(pages)
