"""One error for everything a user can get wrong, told in one line instead of a traceback."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """A violation in an input file: where it is, what stands there and what to do."""

    file: str
    row: str
    column: str
    value: str
    message: str

    def __str__(self) -> str:
        place = ", ".join(
            part
            for part in (
                self.file,
                f"row {self.row}" if self.row else "",
                f"column {self.column}" if self.column else "",
                f"value {self.value!r}" if self.value else "",
            )
            if part
        )
        return f"{place}: {self.message}" if place else self.message


class StudyError(Exception):
    """An input, a parameter or a file is not as it has to be; the message says which and what to do."""

    @classmethod
    def of(cls, problems: list[Problem], limit: int = 20) -> StudyError:
        """One error for many problems, the first ``limit`` of them spelt out."""
        lines = [str(problem) for problem in problems[:limit]]
        if len(problems) > limit:
            lines.append(f"... and {len(problems) - limit} more")
        return cls("\n".join(lines))

    def _render_traceback_(self) -> list[str]:
        """What IPython prints instead of a traceback."""
        return [f"{type(self).__name__}: {self}"]
