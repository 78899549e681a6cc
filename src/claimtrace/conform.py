"""Tables against the schemas that describe them (:mod:`claimtrace.schema`): every cell that breaks one, with its place.

The same schemas are published in ``datapackage.json`` and enforced again by Frictionless in :mod:`claimtrace.check`; here they
are read in a fraction of the time, because every notebook does so before it counts anything.
"""

from __future__ import annotations

import pandas as pd

from claimtrace.errors import Problem

#: Text forms of the types of a schema. Digits are those of ASCII: Python takes others for numbers too.
_FORMS = {"integer": r"-?[0-9]{1,12}", "number": r"-?[0-9]{1,15}(\.[0-9]{1,9})?"}
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
        found += _cells(table[field["name"]].astype(str), field, file)
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


def _cells(column: pd.Series, field: dict, file: str) -> list[Problem]:
    """Cells of a column that are empty, of another type, of another form or out of range."""
    rules, filled = field.get("constraints", {}), column[column != ""]
    found = []

    def add(cells: pd.Series, message: str) -> None:
        for position, value in cells.items():
            found.append(Problem(file, str(position + 2), field["name"], value[:80], message))

    if rules.get("required"):
        add(column[column == ""], "is empty; it must have a value")
    if field["type"] in _FORMS:
        fits = filled.str.fullmatch(_FORMS[field["type"]])
        add(filled[~fits], f"must be {_NAMES[field['type']]}")
        numbers = filled[fits].astype(float)
        for bound, wrong in (("minimum", numbers.lt), ("maximum", numbers.gt)):
            if bound in rules:
                add(filled[fits][wrong(rules[bound])], f"must have {rules[bound]} as its {bound}")
    if "pattern" in rules:
        add(filled[~filled.str.fullmatch(rules["pattern"])], f"must match {rules['pattern']}")
    if "enum" in rules:
        add(filled[~filled.isin(rules["enum"])], f"must be one of: {', '.join(map(str, rules['enum']))}")
    return found


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
