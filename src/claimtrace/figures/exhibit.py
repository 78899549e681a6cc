"""A chart with its numbers and captions, and how it is written."""

from __future__ import annotations

import html
import io
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import matplotlib
import pandas as pd
from matplotlib.figure import Figure

from claimtrace import marks
from claimtrace.figures.canvas import STYLE
from claimtrace.files import write_whole
from claimtrace.provenance import MadeFrom


@dataclass(frozen=True)
class Exhibit:
    """A chart with what a reader needs to judge it.

    Attributes:
        name: file name without suffix.
        figure: the drawing.
        table: the numbers plotted, one row a mark: first the columns that name it, then numbers, ``claim_ids`` last.
        caption: what is shown and what must not be concluded.
        alt: text for readers who do not see the picture, written from the data.
    """

    name: str
    figure: Figure
    table: pd.DataFrame
    caption: str
    alt: str

    def told(self, chosen: str) -> Exhibit:
        """The same with what was chosen for it at the end of its caption (``chosen`` of :func:`claimtrace.parameters.begin`)."""
        return replace(self, caption=self.caption + chosen, alt=self.alt + chosen.replace("**", "")) if chosen else self

    @cached_property
    def svg(self) -> str:
        """The drawing as SVG with title and description for screen readers; marks are links to their claims in the site."""
        return self._svg(MadeFrom())

    def _svg(self, made: MadeFrom) -> str:
        buffer = io.StringIO()
        with matplotlib.rc_context(STYLE):
            self.figure.savefig(buffer, format="svg", metadata=made.metadata(self.name, "svg"))
        page = marks.SITE + marks.address(self.name)
        body = buffer.getvalue().replace('<a xlink:href="#', f'<a xlink:href="{page}#').split("<svg ", 1)[1]
        opening, rest = body.split(">", 1)
        title = f'<title id="t-{self.name}">{html.escape(self.name)}</title>'
        description = f'<desc id="d-{self.name}">{html.escape(self.alt)}</desc>'
        labelled = f'role="img" aria-labelledby="t-{self.name} d-{self.name}"'
        return f"<svg {labelled} {opening}>\n {title}\n {description}{rest}".rstrip() + "\n"

    def save(self, build: Path, made: MadeFrom | None = None) -> None:
        """Write ``figures/NAME.{svg,pdf,png}`` and ``tables/NAME.csv``, each whole or not at all.

        Args:
            made: what the pictures say that they were made from (:func:`claimtrace.provenance.of`).
        """
        made = made or MadeFrom()
        for folder in ("figures", "tables"):
            (build / folder).mkdir(parents=True, exist_ok=True)
        write_whole(build / "figures" / f"{self.name}.svg", self._svg(made).encode("utf-8"))
        with matplotlib.rc_context(STYLE):
            for suffix in ("pdf", "png"):
                buffer = io.BytesIO()
                self.figure.savefig(buffer, format=suffix, dpi=300, metadata=made.metadata(self.name, suffix))
                write_whole(build / "figures" / f"{self.name}.{suffix}", buffer.getvalue())
        table = self.table.to_csv(index=False, lineterminator="\n", encoding="utf-8")
        write_whole(build / "tables" / f"{self.name}.csv", table.encode("utf-8"))

    def _ipython_display_(self) -> None:
        """In a notebook: the picture, and where the claims behind its marks are (JupyterLab shows pictures without links)."""
        from IPython.display import Markdown, display

        display({"image/svg+xml": self.svg, "text/plain": f"{self.name}: {self.alt}"}, raw=True)
        display(Markdown(marks.hint(self.name, self.table)))
