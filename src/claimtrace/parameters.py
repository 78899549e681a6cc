"""Parameters of the notebooks: an unknown name or value stops the run with the list of valid ones."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import SimpleNamespace

from claimtrace import compare, provenance
from claimtrace.check import require
from claimtrace.claims import UNITS, load
from claimtrace.corpus import EDITIONS
from claimtrace.errors import StudyError
from claimtrace.signature import check_names, declared
from claimtrace.study import Study
from claimtrace.texts import hidden


def counted_actors(study: Study) -> list[str]:
    """Ids of actors that are counted by themselves: no part of another, no placeholder."""
    left_out = set(study.settings.get("exclude_actors", []))
    book = study.codebook
    return [actor for actor in book.actors if book.roll_up(actor) == actor and actor not in left_out]


#: Parameters with a closed list of values: name to (is a list, valid values of a study). Empty means all.
CHOICES: dict[str, tuple[bool, Callable[[Study], list[str]]]] = {
    "edition": (False, lambda study: list(EDITIONS)),
    "coding": (False, lambda study: study.codings),
    "one": (False, lambda study: study.codings),
    "other": (False, lambda study: study.codings),
    "unit": (False, lambda study: list(UNITS)),
    "scope": (False, lambda study: ["headline", "", *study.codebook.codes("scope")]),
    "voice": (True, lambda study: study.codebook.codes("voice")),
    "motive_polarity": (True, lambda study: study.codebook.codes("motive_polarity")),
    "period": (True, lambda study: study.codebook.codes("period")),
    "articles": (True, lambda study: list(study.articles["slug"])),
    "actors": (True, counted_actors),
    "actor": (False, counted_actors),
}
#: Parameters of the grid of specifications: name to valid items. An item may join codes with ``;`` where the flag says so.
GRIDS: dict[str, tuple[bool, Callable[[Study], list[str]]]] = {
    "codings": (False, lambda study: study.codings),
    "units": (False, lambda study: list(UNITS)),
    "scopes": (True, lambda study: ["headline", "all", *study.codebook.codes("scope")]),
    "voices": (True, lambda study: ["all", *study.codebook.codes("voice")]),
    "strengths": (False, lambda study: ["all", "explicit"]),
    "weightings": (False, lambda study: ["full", "divided"]),
}
#: What the charts count where nobody chooses otherwise.
NEUTRAL: dict[str, object] = {
    "coding": "claims", "actors": [], "articles": [], "scope": "headline", "voice": [], "period": [],
    "motive_polarity": list(compare.DIRECTIONS), "explicit_only": False, "unit": "claims",
}  # fmt: skip
_TYPES = {"explicit_only": bool, "minimum": int, "draws": int, "passage": str, "study": str, "build": str}
#: Least and largest value of a number; more draws than this take hours and change no digit that is shown.
_BOUNDS = {"minimum": (1, 1_000_000), "draws": (1, 100_000)}


def check_values(study: Study, values: dict[str, object]) -> None:
    """Stop at the first value that a parameter cannot take.

    Raises:
        StudyError: with the valid values.
    """
    for name, value in values.items():
        if isinstance(value, str) and (message := hidden(value)):
            raise StudyError(f"{name}={value!r}: {message[1]}")
        if name in CHOICES:
            is_list, valid_of = CHOICES[name]
            valid = valid_of(study)
            if not is_list and not isinstance(value, str):
                raise StudyError(f"{name}={value!r}: must be one of: {', '.join(map(repr, valid))}")
            if is_list and not isinstance(value, list):
                raise StudyError(f"{name}={value!r}: must be a list, such as {valid[:2]!r}; an empty list means all")
            for item in value if is_list else [value]:
                if name in ("actor", "actors") and (whole := _whole(study, item)):
                    raise StudyError(f"{name}={item!r}: is counted with {whole}; give that")
                if item not in valid:
                    raise StudyError(f"{name}={item!r}: unknown; choose from: {_explained(study, name, valid)}")
        elif name in GRIDS:
            joins, valid_of = GRIDS[name]
            valid = valid_of(study)
            if not isinstance(value, list) or not value:
                raise StudyError(
                    f"{name}={value!r}: must be a list with at least one of: {', '.join(map(repr, valid))}"
                )
            for item in value:
                parts = str(item).split(";") if joins else [item]
                if len(parts) > 1 and {"all", "headline"} & set(parts):
                    raise StudyError(f"{name}={item!r}: all and headline stand alone; give them as items of their own")
                for code in parts:
                    if code not in valid:
                        raise StudyError(f"{name}={item!r}: unknown; choose from: {', '.join(map(repr, valid))}")
        elif name in _TYPES and type(value) is not _TYPES[name]:
            raise StudyError(f"{name}={value!r}: must be of type {_TYPES[name].__name__}")
        elif name in _BOUNDS and not _BOUNDS[name][0] <= value <= _BOUNDS[name][1]:
            raise StudyError(f"{name}={value!r}: must lie between {_BOUNDS[name][0]} and {_BOUNDS[name][1]}")


def _explained(study: Study, name: str, valid: list[str]) -> str:
    """Valid values, codes with their labels."""
    known = study.codebook.actor_names if name in ("actor", "actors") else partial(_label, study, name)
    return ", ".join(f"{value!r} ({label})" if (label := known(value)) != value else repr(value) for value in valid)


def _label(study: Study, name: str, value: str) -> str:
    book = study.codebook
    return book.label(name, value) if name in book.variables and value in book.codes(name) else value


def chosen(study: Study, values: dict[str, object]) -> dict[str, object]:
    """The parameters that make a chart count something else than it would by itself."""
    own = {name: value for name, value in values.items() if name in NEUTRAL}
    if own.get("scope") == study.settings.get("headline_scope"):
        own["scope"] = NEUTRAL["scope"]
    return {name: value for name, value in own.items() if value != NEUTRAL[name]}


def in_words(study: Study, choice: dict[str, object]) -> str:
    """What was chosen, as the end of a caption; nothing where nothing was. The unit of counting is said in each caption anyway."""
    said = []
    for name, value in choice.items():
        if name == "scope":
            said.append(f"scope: {_label(study, name, str(value)) or 'all'}")
        elif name == "explicit_only":
            said.append("only motives tied to the actor in words")
        elif isinstance(value, list):
            label = study.codebook.actor_label if name == "actors" else partial(_label, study, name)
            heading = {"motive_polarity": "directions"}.get(name, name)
            said.append(f"{heading}: {', '.join(map(label, value)) or 'all'}")
        elif name == "coding":
            said.append(f"coding: {value}")
    left_out = (
        " What these parameters leave out is not drawn: here an empty cell or a missing actor does not mean that the "
        "articles are silent."
    )
    narrowed = set(choice) - {"coding", "unit"}
    return f" **Chosen by parameters:** {'; '.join(said)}.{left_out if narrowed else ''}" if said else ""


def _whole(study: Study, item: object) -> str:
    """The actor that a part of it is counted with; nothing for any other id."""
    known = isinstance(item, str) and item in study.codebook.actors
    whole = study.codebook.roll_up(item) if known else item
    return "" if whole == item else whole


def _codings(study: Study, values: dict[str, object]) -> dict[str, object]:
    """The codings that empty parameters stand for: the study's two passes; the adjudicated coding and its passes."""
    passes = [name for name in study.settings.get("passes", []) if name in study.codings]
    found: dict[str, object] = {}
    if values.get("codings") == []:
        found["codings"] = ["claims", *passes]
    for place, name in enumerate(("one", "other")):
        if values.get(name) == "":
            if len(passes) < 2:
                raise StudyError(
                    f"{name}='': agreement needs two codings, and study.yaml names no two passes; name one of: {', '.join(study.codings)}"
                )
            found[name] = passes[place]
    return found


def _most_told_of(study: Study, coding: str) -> str:
    """The actor with most claims that has a profile, beside the focal one."""
    found = [actor for actor in compare.profiles(load(study, coding), study)["actor"] if actor != study.focus]
    if not found:
        raise StudyError("actor='': no actor but the focal one has enough claims for a profile; name one")
    return found[0]


def begin(namespace: dict) -> SimpleNamespace:
    """Check a notebook's parameters and open its study; the first thing every notebook does.

    Args:
        namespace: the notebook's ``globals()``, the ``parameters`` cell being the first that ran.

    Returns:
        The parameters by name, ``study`` being the opened :class:`Study`, ``build`` a path, ``made_from`` a function
        that says what was read so far, for the figures to carry, and ``chosen`` what of the parameters is to be told in captions.

    Raises:
        StudyError: an unknown parameter or value.
    """
    values = {name: namespace[name] for name in ("study", "build", *CHOICES, *GRIDS, *_TYPES) if name in namespace}
    # The history holds the cells that ran before this one, unless the runner keeps none (nbval): the parameters cell and,
    # after it, what papermill injected. A name that only the latter assigns is a slip that papermill lets pass.
    cells = [cell for cell in namespace.get("In", [])[:-1] if cell.strip()]
    for cell in cells[1:]:
        check_names(set(declared(cell)), set(declared(cells[0])))
    for name in ("study", "build"):
        if not isinstance(values.get(name, "-"), str) or not values.get(name, "-"):
            raise StudyError(f"{name}={values[name]!r}: must be the path of a folder, as text")
    study = Study(values["study"])
    values |= _codings(study, values)
    check_values(study, {name: value for name, value in values.items() if (name, value) != ("actor", "")})
    # Nothing is counted that a slip in the data has changed: a study that breaks its rules is refused here.
    used = [values[name] for name in ("coding", "one", "other") if name in values]
    require(study, [*used, *values.get("codings", [])], Path(values["build"]) / "cache")
    if values.get("actor") == "":
        values["actor"] = _most_told_of(study, values["coding"])
    if values.get("scope") == "headline":
        values["scope"] = study.settings["headline_scope"]
    choice = chosen(study, values)
    told = {"made_from": partial(provenance.of, study, choice), "chosen": in_words(study, choice)}
    return SimpleNamespace(**(values | {"study": study, "build": Path(values["build"])} | told))
