"""Tables of text that read well in a notebook: left-aligned, nothing cut off."""

from __future__ import annotations

import pandas as pd

_CELL = 'style="text-align:left; vertical-align:top"'


class Readable:
    """A table for display; every cell is escaped and shown in full."""

    def __init__(self, table: pd.DataFrame):
        self.table = table

    def _repr_html_(self) -> str:
        with pd.option_context("display.max_colwidth", None):
            # A space after each item lets a browser break long lists.
            text = self.table.replace({";(?! )": "; "}, regex=True).to_html(escape=True, border=0)
        return text.replace("<td>", f"<td {_CELL}>").replace("<th>", f"<th {_CELL}>")

    def __repr__(self) -> str:
        rows = "row" if len(self.table) == 1 else "rows"
        return f"table of {len(self.table)} {rows}: {', '.join(map(str, self.table.columns))}"


def readable(table: pd.DataFrame) -> Readable:
    """Show a table of text in a notebook."""
    return Readable(table)
