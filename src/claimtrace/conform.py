"""Tables against the schemas that describe them (:mod:`claimtrace.schema`): every cell that breaks one, with its place.

The same schemas are published in ``datapackage.json`` and enforced again by Frictionless in :mod:`claimtrace.check`; here they
are read in a fraction of the time, because every notebook does so before it counts anything.
"""

from __future__ import annotations

import re

import pandas as pd

from claimtrace.errors import Problem

#: Text forms of the types of a schema. Digits are those of ASCII: Python takes others for numbers too.
_FORMS = {"integer": re.compile(r"-?[0-9]{1,12}"), "number": re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,9})?")}
_NAMES = {"integer": "a whole number", "number": "a plain number, such as 31000000 for 31 million"}


def problems(table: pd.DataFrame, resource: dict, tables: dict[str, pd.DataFrame]) -> list[Problem]:
    """Every cell of a table that breaks its schema.

    Args:
        table: all text.
        resource: a resource of :func:`claimtrace.schema.package`.
        tables: the tables that foreign keys lead to, by the name of their resource.
    """
    file, schema = resource["path"].rsplit("/", 1)[-1], resource["schema"]
    columns = [field["name"] for field in schema["fields"]]
    known = f"the columns are: {', '.join(columns)}"
    found = [Problem(file, "", name, "", f"is missing; {known}") for name in columns if name not in table]
    found += [Problem(file, "", name, "", f"is not known; {known}") for name in table.columns if name not in columns]
    if found:
        return found
    for field in schema["fields"]:
        found += _cells(table[field["name"]].astype(str).tolist(), field, file)
    for key in [[f["name"]] for f in schema["fields"] if f.get("constraints", {}).get("unique")] + [
        schema.get("primaryKey", [])
    ]:
        if key:
            found += _doubled(table, key, file)
    for foreign in schema.get("foreignKeys", []):
        target = foreign["reference"]["resource"]
        if target in tables:
            found += _dangling(table, foreign, tables[target], file)
    return found


def _cells(cells: list[str], field: dict, file: str) -> list[Problem]:
    """Cells of a column that are empty, of another type, of another form or out of range."""
    rules, form = field.get("constraints", {}), _FORMS.get(field["type"])
    pattern = re.compile(rules["pattern"]) if "pattern" in rules else None

    def wrong(cell: str) -> str:
        if not cell:
            return "is empty; it must have a value" if rules.get("required") else ""
        if form and not form.fullmatch(cell):
            return f"must be {_NAMES[field['type']]}"
        if form and not rules.get("minimum", float("-inf")) <= float(cell) <= rules.get("maximum", float("inf")):
            return f"must lie between {rules.get('minimum', 'any')} and {rules.get('maximum', 'any')}"
        if pattern and not pattern.fullmatch(cell):
            return f"must match {rules['pattern']}"
        if "enum" in rules and cell not in rules["enum"]:
            return f"must be one of: {', '.join(map(str, rules['enum']))}"
        return ""

    return [
        Problem(file, str(number), field["name"], cell[:80], message)
        for number, cell in enumerate(cells, 2)
        if (message := wrong(cell))
    ]


def _doubled(table: pd.DataFrame, key: list[str], file: str) -> list[Problem]:
    return [
        Problem(file, str(position + 2), key[-1], ", ".join(row[key])[:80], "occurs twice; remove or rename one")
        for position, row in table[table.duplicated(key)].iterrows()
    ]


def _dangling(table: pd.DataFrame, foreign: dict, target: pd.DataFrame, file: str) -> list[Problem]:
    own, other = foreign["fields"], foreign["reference"]["fields"]
    own, other = ([names] if isinstance(names, str) else names for names in (own, other))
    if not set(other) <= set(target.columns):
        return []
    there = set(zip(*(target[name] for name in other), strict=True))
    cells = zip(*(table[name] for name in own), strict=True)
    place = foreign["reference"]["resource"]
    return [
        Problem(file, str(number), own[-1], ", ".join(cell)[:80], f"is not in {place}.csv; correct it or add it there")
        for number, cell in enumerate(cells, 2)
        if any(cell) and cell not in there
    ]
