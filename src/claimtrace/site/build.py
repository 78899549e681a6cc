"""Writes the sources of the site and has Sphinx make the pages."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from functools import cached_property
from html import escape
from pathlib import Path

from claimtrace import claims, dossier, marks
from claimtrace.errors import StudyError
from claimtrace.notebooks import nbformat
from claimtrace.site import gallery, html
from claimtrace.site.articles import article_page, articles_page, claims_page
from claimtrace.site.cite import cite_page
from claimtrace.site.pictures import inline
from claimtrace.site.words import Words, markdown
from claimtrace.study import Study

STATIC = Path(__file__).parent / "static"

#: In so many Sphinx reads the pages; all but one write them, while that one resolves their links. The bytes do not depend on it.
PROCESSES = 3

#: Settings of Sphinx. No address outside the site: no MathJax, no widgets, no fonts.
SETTINGS = {
    "extensions": ["myst_nb"],
    "html_theme": "sphinx_book_theme",
    "html_static_path": [str(STATIC)],
    "html_css_files": ["site.css"],
    "html_js_files": ["table.js", "paper.js"],
    "html_context": {"default_mode": "auto"},
    "html_copy_source": False,
    "html_show_sourcelink": False,
    "html_show_sphinx": False,
    "html_show_copyright": False,
    "html_domain_indices": False,
    "html_use_index": False,
    "language": "en",
    "myst_disable_syntax": ["html_block", "html_inline"],
    "nb_execution_mode": "off",
    "nb_ipywidgets_js": {},
    "nb_merge_streams": True,
    "templates_path": [],
    "html_sidebars": {"**": ["search-button-field.html", "sbt-sidebar-nav.html"]},
    "html_theme_options": {
        "footer_content_items": "",
        "navbar_persistent": [],
        "use_download_button": False,
        "use_fullscreen_button": False,
        "home_page_in_toc": True,
        "max_navbar_depth": 1,
    },
}


class Sources:
    """The sources of the site, written into a folder.

    Args:
        repository: may hold README.md (the front page), CITATION.cff and the pages that describe the data.
        built: the folder with figures, tables and executed notebooks.
        folder: where the sources go.
    """

    def __init__(self, study: Study, repository: Path, built: Path, folder: Path, coding: str):
        self.study, self.repository, self.built, self.folder = study, repository, built, folder
        title = study.settings.get("codings", {}).get(coding, "")
        self.coding = f"`{coding}`" + (f": {markdown(title)}" if title else "")
        self.published = coding == "claims"
        self.words = Words(study)
        self.known = dossier.dossiers(study, coding)
        self.table = claims.load(study, coding)
        self.tables = marks.read(built, self.table)
        self.marks = {name: marks.marks(table) for name, table in self.tables.items()}
        self.counted = marks.counting(self.tables)
        self.paths = gallery.executed(built)
        if not self.paths:
            raise StudyError(
                f"{built}/notebooks: no executed notebook, which tells what a chart shows; run one into that folder"
            )
        self.notebooks = {path: gallery.read(built, path) for path in self.paths}
        found = [shown for path, notebook in self.notebooks.items() for shown in gallery.exhibits(notebook, path)]
        self.shown = {shown.name: shown for shown in found if shown.name in self.tables}
        self.titles = {name: shown.title for name, shown in self.shown.items()}

    @cached_property
    def addresses(self) -> dict[str, str]:
        """Claim to its address."""
        return {name: html.claim_address(found, "") for name, found in self.known.items()}

    def put(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def page(self, name: str, title: str, *parts: str, raw: str = "", search: bool = True) -> None:
        """A page of a title, paragraphs of Markdown and HTML."""
        lines = ["" if search else "---\nnosearch: true\n---", f"# {markdown(title)}", *parts]
        if raw:
            # Sphinx reads the file that the directive names, so that no text can end it.
            self.put(f"_raw/{name}.html", raw)
            lines.append(
                f"```{{raw}} html\n:file: {os.path.relpath(self.folder / '_raw' / f'{name}.html', (self.folder / name).parent)}\n```"
            )
        self.put(f"{name}.md", "\n\n".join(part for part in lines if part) + "\n")

    def picture(self, name: str, root: str, seen: set[str] | None = None) -> str:
        svg = (self.built / "figures" / f"{name}.svg").read_text(encoding="utf-8")
        return inline(svg, name, root, self.words.names(self.marks[name]), seen)

    def write(self) -> None:
        """All pages."""
        self.front()
        self.charts()
        for path, notebook in self.notebooks.items():
            root = "../" * (len(path.parts))
            there = {other.name for other in self.paths if len(other.parts) == 1}
            page = gallery.page(notebook, root, self.words, self.marks, self.addresses, there)
            target = self.folder / "notebooks" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(nbformat.writes(page, version=4), encoding="utf-8")
        self.templates()
        for slug in self.study.articles["slug"]:
            own = [found for found in self.known.values() if found.article == slug]
            title, parts, raw = article_page(self.study, slug, own, self.words, self.counted, self.titles)
            self.page(f"articles/{slug}", title, *parts, raw=raw)
        slugs = _toctree([f"articles/{slug}" for slug in self.study.articles["slug"]])
        self.page("articles", "Articles", slugs, raw=articles_page(self.study, self.known))
        table = claims.in_words(self.table, self.study).to_csv(index=False, lineterminator="\n")
        self.put("_files/claims.csv", table)
        told = f"{_CLAIMS} Coding {self.coding}. All columns: [CSV](_files/claims.csv)."
        self.page("claims", "Claims", told, raw=claims_page(self.known), search=False)
        title, parts = cite_page(self.repository / "CITATION.cff", self.study)
        self.page("cite", title, *parts)

    def front(self) -> None:
        """README.md, its picture replaced by the chart itself, and the pages it links to; the title where there is none."""
        self.copy(
            self.repository / "README.md",
            "index.md",
            toctree=[
                ("", ["charts", *self._documents(), "articles", "claims", "cite"]),
                (
                    "Notebooks",
                    sorted(
                        {f"notebooks/{path.with_suffix('')}" for path in self.paths if len(path.parts) == 1}
                        | set(self._templates())
                    ),
                ),
            ],
        )
        for path in self._described():
            self.copy(self.repository / path, str(path))

    def _described(self) -> list[Path]:
        """The pages that describe the data, and the codebook."""
        root = Path(os.path.relpath(self.study.root, self.repository))
        return [
            path
            for path in (root / "README.md", root / "codebook" / "README.md")
            if (self.repository / path).is_file() and path != Path("README.md")  # that one is the front page
        ]

    def _documents(self) -> list[str]:
        return [str(path.with_suffix("")) for path in self._described()]

    def _templates(self) -> list[str]:
        return sorted({f"notebooks/{path.parts[0]}" for path in self.paths if len(path.parts) > 1})

    def copy(self, source: Path, target: str, toctree: list[tuple[str, list[str]]] | None = None) -> None:
        """A page of the repository: comments dropped, pictures drawn, links led to the pages of the site."""
        base = source.parent
        text = source.read_text(encoding="utf-8") if source.is_file() else self._bare()
        text = re.sub(r"<!--.*?-->\n?", "", text, flags=re.DOTALL)
        text = re.sub(r"(?<!!)\[([^\]]*)\]\(([^)\s]+)\)", lambda found: self._linked(found, base), text)
        text = re.sub(r"!\[[^\]]*\]\((?:[^)]*/)?([^)/]+)\.(?:png|svg)\)", self._drawn, text)
        if target == "index.md" and not self.published:
            title, _, rest = text.partition("\n")
            text = f"{title}\n\n**The charts and claims of this site are those of the coding {self.coding}.** The text below describes the published coding.\n{rest}"
        text += "".join(_toctree(names, caption) for caption, names in toctree or [])
        self.put(target, text)

    def _bare(self) -> str:
        """A front page for a study that has none of its own."""
        first = self.shown.get("fig_motives") or next(iter(self.shown.values()), None)
        picture = f"\n![{first.title}](figures/{first.name}.svg)\n" if first else ""
        return f"# {markdown(self.study.settings['title'])}\n{picture}"

    def _drawn(self, found: re.Match) -> str:
        name = found[1]
        if name not in self.marks:
            return ""
        self.put(f"_raw/{name}.front.html", self.picture(name, ""))
        return f"```{{raw}} html\n:file: _raw/{name}.front.html\n```\n\nEach mark leads to its claims. [All charts](charts.md)."

    def _linked(self, found: re.Match, base: Path) -> str:
        text, link = found[1], found[2]
        if "://" in link or link.startswith("#"):
            return found[0]
        path = Path(os.path.relpath(base / link, self.repository))
        if path.suffix == ".ipynb" and Path(path.name) not in self.paths:
            return (
                f"[{text}]({link.removesuffix('.ipynb')}.md)"
                if str(path.with_suffix("")) in self._templates()
                else text
            )
        if path in self._described() or path.suffix == ".ipynb":
            return found[0]
        if (self.repository / path).is_file():
            (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
            if path.suffix == ".md":  # a page of the repository that the site does not show is a file to download
                shutil.copy(self.repository / path, self.folder / path.with_suffix(".md.txt"))
                return f"[{text}]({link}.txt)"
            shutil.copy(self.repository / path, self.folder / path)
            return found[0]
        return text

    def templates(self) -> None:
        """A page for each notebook that is run many times, listing its runs."""
        for name in self._templates():
            runs = [path for path in self.paths if len(path.parts) > 1 and f"notebooks/{path.parts[0]}" == name]
            label = {path: self.words.label("actor", path.stem) for path in runs}
            runs.sort(key=lambda path: label[path])
            lines = [f"- [{markdown(label[path])}]({path.parts[0]}/{path.name})" for path in runs]
            title = re.sub(r"\W+", " ", name.split("/")[-1]).strip().replace("_", " ")
            heading = next(
                (
                    c.source.split("\n")[0].lstrip("# ")
                    for c in self.notebooks[runs[0]].cells
                    if c.cell_type == "markdown"
                ),
                title,
            )
            self.page(
                name,
                heading.rsplit(": ", 1)[0],
                "\n".join(lines),
                _toctree([f"notebooks/{path.with_suffix('')}" for path in runs]),
            )

    def charts(self) -> None:
        """The list of charts, and for each chart a page with its marks and their claims."""
        lines = []
        for name, shown in self.shown.items():
            lines.append(f"- [{markdown(shown.title)}](marks/{name}.md): {markdown(shown.alt.split('. ')[0])}.")
            self.chart(shown)
        self.page(
            "charts",
            "Charts",
            "Each chart with the claims behind each of its marks.",
            "\n".join(lines),
            _toctree([f"marks/{name}" for name in self.shown]),
        )

    def chart(self, shown: gallery.Shown) -> None:
        """A chart, its caption, and the claims behind each of its marks."""
        name = shown.name
        for folder, suffix in (("tables", "csv"), ("figures", "pdf"), ("figures", "png")):
            target = self.folder / "_files" / f"{name}.{suffix}"
            target.parent.mkdir(exist_ok=True)
            shutil.copy(self.built / folder / f"{name}.{suffix}", target)
        files = ", ".join(f"[{suffix.upper()}](../_files/{name}.{suffix})" for suffix in ("csv", "pdf", "png"))
        source = f"[{markdown(shown.notebook.stem)}](../notebooks/{shown.notebook.as_posix()})"
        number = len(self.marks[name])
        none = "No mark, since nothing is left to draw."
        told = any(mark.claims for mark in self.marks[name])
        behind = (
            "with the claims behind each listed below; marks drawn in the chart link to their claims"
            if told
            else "which rest on all claims of their articles and link to none in particular"
        )
        below = html.mark_sections(self.marks[name], self.known, self.words, "../")
        raw = self.picture(name, "../")
        self.page(
            f"marks/{name}",
            shown.title,
            _plain(shown.caption),
            f"From notebook {source}. Files: {files}. "
            + (f"{number} {'mark' if number == 1 else 'marks'}, {behind}." if number else none),
            raw=f'{raw}<div class="marks">{below}</div>',
            search=False,
        )


_CLAIMS = "Every claim with its main codes. The id links to the claim, its passage, the decisions on its coding and the charts that count it."


def _plain(caption: str) -> str:
    """A caption with its own emphasis and nothing else that Markdown would read."""
    return re.sub(r"\\\*", "*", markdown(caption))


def _toctree(names: list[str], caption: str = "") -> str:
    head = [f":caption: {caption}"] if caption else []
    return "\n".join(["\n```{toctree}", ":hidden:", *head, "", *(f"/{name}" for name in names), "```\n"])


def build(study: Study, repository: Path, built: Path, target: Path, coding: str = "claims") -> list[Path]:
    """Make the site, whole or not at all.

    Args:
        built: holds figures, tables and executed notebooks.
        target: folder of the site; what stands there is replaced.

    Returns:
        Its pages.

    Raises:
        StudyError: the extra ``site`` is not installed, nothing was built, or Sphinx warns of something.
    """
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "source"
        folder.mkdir()
        Sources(study, repository, built, folder, coding).write()
        made = Path(place) / "site"
        sphinx(folder, made, study.title)
        # Beside the old one first, on the same disk, so that the new one takes its place in one step.
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f".{target.name}.{os.getpid()}.part.d")
        try:
            shutil.copytree(made, part)
            shutil.rmtree(target, ignore_errors=True)
            part.replace(target)
        finally:
            shutil.rmtree(part, ignore_errors=True)
    return sorted(target.rglob("*.html"))


def _escape_titles(app, pagename, templatename, context, doctree) -> None:
    """The theme prints these titles as they are, as if they were HTML."""
    for name in ("pagetitle", "root_title"):
        if name in context:
            context[name] = escape(context[name])


def sphinx(source: Path, target: Path, title: str) -> None:
    """Run Sphinx.

    Raises:
        StudyError: it is not installed, or it warns.
    """
    try:
        from sphinx.application import Sphinx
        from sphinx.errors import SphinxError
        from sphinx.util.docutils import docutils_namespace
    except ImportError:
        raise StudyError("the site needs the extra 'site' (sphinx, myst-nb, sphinx-book-theme)") from None
    import io

    warnings = io.StringIO()
    with docutils_namespace():
        app = Sphinx(
            source, None, target, target.with_name("doctrees"), "html",
            confoverrides=SETTINGS | {"project": title, "html_title": title},
            status=None, warning=warnings, parallel=PROCESSES,
        )  # fmt: skip
        app.connect("html-page-context", _escape_titles, priority=900)
        try:
            app.build()
        except SphinxError as error:
            raise StudyError(f"the site is not made; Sphinx says: {error}") from error
    problems = [line for line in warnings.getvalue().splitlines() if line.strip()]
    if problems:
        raise StudyError("the site is not made; Sphinx says:\n" + "\n".join(problems[:20]))
    shutil.rmtree(target / "_sources", ignore_errors=True)
    for name in (".buildinfo", ".buildinfo.bak", "objects.inv"):
        (target / name).unlink(missing_ok=True)
