"""What the notebooks show: their exhibits, and each notebook as a page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from pathlib import Path

from claimtrace import notebooks
from claimtrace.marks import Mark
from claimtrace.notebooks import nbformat  # as that module loads it: without two seconds of grammars
from claimtrace.signature import declared
from claimtrace.site.html import anchor, scroll
from claimtrace.site.pictures import inline
from claimtrace.site.words import Words

_LINK = re.compile(r"\[([^\]]*)\]\(([^)/]+\.ipynb)\)")
_CLAIM = re.compile(r"\b[a-z0-9-]+\.[ptcnb]\d{2,}\.s\d+\.c\d+\b")


@dataclass(frozen=True)
class Shown:
    """An exhibit as a notebook shows it: its name, title, caption (Markdown), alternative text and notebook."""

    name: str
    title: str
    caption: str
    alt: str
    notebook: Path


def executed(build: Path) -> list[Path]:
    """The notebooks that were executed, relative to ``build/notebooks``, in the order in which they are read."""
    folder = build / "notebooks"
    found = [path.relative_to(folder) for path in folder.rglob("*.ipynb") if not path.name.startswith(".")]
    return sorted(found, key=lambda path: path.with_suffix("").parts)


def pictures(cell) -> list[tuple[str, str]]:
    """Name and alternative text of the exhibits that a cell shows."""
    texts = [o.data["text/plain"] for o in cell.get("outputs", []) if "image/svg+xml" in o.get("data", {})]
    return [tuple(text.split(": ", 1)) for text in texts if ": " in text]


def exhibits(notebook: nbformat.NotebookNode, path: Path) -> list[Shown]:
    """The exhibits of a notebook; the caption of one is the Markdown in bold that a later cell shows."""
    found: list[Shown] = []
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            text = output.get("data", {}).get("text/markdown", "")
            if found and text.startswith("**") and not found[-1].caption:
                title = text.split("**")[1].strip(" .,")
                found[-1] = Shown(found[-1].name, title, text, found[-1].alt, path)
        found += [Shown(name, name, "", alt, path) for name, alt in pictures(cell)]
    return found


def page(
    notebook: nbformat.NotebookNode,
    root: str,
    words: Words,
    marks: dict[str, list[Mark]],
    claims: dict[str, str],
    there: set[str],
) -> nbformat.NotebookNode:
    """A notebook as it is shown: code folded, pictures with working links, tables that scroll, claim ids linked.

    Args:
        marks: figure to its marks.
        claims: claim id to its address, relative to the front page.
        there: names of the notebooks that were executed; a link to another is left out.
    """
    seen: set[str] = set()
    values: dict[str, object] = {}
    for cell in notebook.cells:
        if cell.cell_type != "code":
            cell.source = _LINK.sub(lambda found: found[0] if found[2] in there else found[1], cell.source)
            continue
        tags = cell.metadata.get("tags", [])
        if "injected-parameters" in tags:
            # Where it was run is no matter of the reader's.
            values = {name: value for name, value in declared(cell.source).items() if name not in ("study", "build")}
        cell.metadata["tags"] = [*tags, "hide-input"]
        shown = [name for name, _ in pictures(cell)]
        kept = []
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if shown and any(f"`claimtrace trace {name} " in data.get("text/markdown", "") for name in shown):
                continue
            if "image/svg+xml" in data:
                name = data["text/plain"].split(": ", 1)[0]
                picture = inline(data["image/svg+xml"], name, root, words.names(marks.get(name, [])), seen)
                output["data"] = {"text/html": picture + _more(name, root, marks)}
            elif "text/html" in data:
                output["data"] = {"text/html": table(data["text/html"], root, claims)}
            elif "text/markdown" in data:
                output["data"] = {"text/markdown": data["text/markdown"].replace("<", "&lt;")}
            kept.append(output)
        cell.outputs = kept
    if values:
        _retitle(notebook, ", ".join(words.label("actor", str(value)) for value in values.values()))
    return notebook


def _more(name: str, root: str, marks: dict[str, list[Mark]]) -> str:
    if name not in marks:
        return ""
    return f"<p>{anchor(f'{root}marks/{name}.html', f'The claims behind each mark of {name}')}</p>"


def table(html: str, root: str, claims: dict[str, str]) -> str:
    """A table of a notebook: claim ids lead to their claims, empty headings are no headings, wide tables scroll."""
    html = re.sub(r"<th[^>]*>\s*</th>", "<td></td>", html)
    html = _CLAIM.sub(lambda found: anchor(root + claims[found[0]], found[0]) if found[0] in claims else found[0], html)
    return scroll(html, "Table")


def _retitle(notebook: nbformat.NotebookNode, about: str) -> None:
    """Names what a template was run with in its title."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and cell.source.startswith("# "):
            first, _, rest = cell.source.partition("\n")
            cell.source = f"{first}: {escape(about, quote=False)}\n{rest}"
            return


def read(build: Path, path: Path) -> nbformat.NotebookNode:
    """An executed notebook."""
    return notebooks.read(build / "notebooks" / path)
