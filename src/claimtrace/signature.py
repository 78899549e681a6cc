"""The parameters that a notebook declares: read from the source of its ``parameters`` cell."""

from __future__ import annotations

import ast

from claimtrace.errors import StudyError


def declared(source: str) -> dict[str, object]:
    """Names and default values that a ``parameters`` cell assigns."""
    found = {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found[node.targets[0].id] = ast.literal_eval(node.value)
    return found


def check_names(given: set[str], known: set[str]) -> None:
    """Stop at the first parameter that a notebook does not have.

    Raises:
        StudyError: with the valid names.
    """
    for name in sorted(given - known):
        raise StudyError(f"parameter {name!r}: no such parameter; there are: {', '.join(sorted(known))}")
