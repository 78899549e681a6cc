"""The parameters that a notebook declares: read from the source of its ``parameters`` cell."""

from __future__ import annotations

import ast

from claimtrace.errors import StudyError


def declared(source: str) -> dict[str, object]:
    """Names and default values that a ``parameters`` cell assigns.

    Raises:
        StudyError: it is no Python, or a value is no plain one.
    """
    found, line = {}, 1
    try:
        for node in ast.parse(source).body:
            line = node.lineno
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                found[node.targets[0].id] = ast.literal_eval(node.value)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None) or line
        shown = "".join(source.splitlines()[line - 1 : line]).strip()
        raise StudyError(
            f"cell of parameters, line {line}, {shown!r}: cannot be read; give each name a plain value, text in quotation marks"
        ) from None
    return found


def check_names(given: set[str], known: set[str]) -> None:
    """Stop at the first parameter that a notebook does not have.

    Raises:
        StudyError: with the valid names.
    """
    for name in sorted(given - known):
        raise StudyError(f"parameter {name!r}: no such parameter; there are: {', '.join(sorted(known))}")
