"""The shape of every YAML file of a study, as JSON Schema: which keys there are and what they hold.

A key that is not here is refused: a slip in the name of a setting would otherwise change numbers without a word.
"""

from __future__ import annotations

import datetime
import re
from functools import cache

import fastjsonschema

from claimtrace.errors import StudyError

TEXT = {"type": "string", "minLength": 1, "maxLength": 20_000}
OPTIONAL = {"type": "string", "maxLength": 20_000}
LABEL = {"type": "string", "minLength": 1, "maxLength": 300}
#: Ids name files, targets of make and parts of addresses, so that they are plain.
ACTOR = {"type": "string", "pattern": r"^[A-Za-z][A-Za-z0-9_]{0,40}\Z"}
NAME = {"type": "string", "pattern": r"^[a-z][a-z0-9_]{0,40}\Z"}
CODE = {"type": "string", "pattern": r"^[A-Za-z0-9_+/-]{1,40}\Z"}
PASS = {"type": "string", "pattern": r"^pass_[a-z0-9_]{1,40}\Z"}
SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*\Z"
LINE = {"type": "integer", "minimum": 0, "maximum": 100_000_000}
VERSION = {"type": ["integer", "string"]}


def _list(items: dict, **more) -> dict:
    return {"type": "array", "items": items, "uniqueItems": True} | more


def _map(values: dict, keys: dict = CODE) -> dict:
    return {"type": "object", "minProperties": 1, "patternProperties": {keys["pattern"]: values}, "additionalProperties": False}  # fmt: skip


def _record(required: list[str], **properties) -> dict:
    return {"type": "object", "required": required, "properties": properties, "additionalProperties": False}


_SPAN = _record(["label", "periods"], label=LABEL, periods=_list(CODE, minItems=1))

STUDY = _record(
    ["title", "focus", "headline_scope", "divide"],
    title=LABEL,
    version=LABEL,
    focus=ACTOR,
    focus_name=LABEL,
    headline_scope=CODE,
    exclude_actors=_list(ACTOR),
    general_actors=_list(ACTOR),
    territories=_list(ACTOR),
    divide=_record(["date", "before", "after"], date=LABEL, before=_SPAN, after=_SPAN),
    passes=_list(PASS, maxItems=2),
    recodings=_list(PASS, maxItems=2),
    codings=_map(LABEL, NAME),
    coders=TEXT,
    rule_coder=TEXT,
    profile_minimum={"type": "integer", "minimum": 1, "maximum": 1_000_000},
    profile_types=_list(NAME),
    relation_spans=_map(_SPAN, NAME),
    tie_types=_list(NAME),
)

SEGMENTATION = _record(
    ["articles"],
    language={"type": "string", "pattern": r"^[a-z]{2,3}\Z"},
    articles={
        "type": "object",
        "additionalProperties": False,
        "patternProperties": {
            SLUG: _record(
                [],
                **{kind: _list(LINE) for kind in ("body", "title", "caption", "note", "boilerplate", "merge", "split")},
                join=_list({"type": "array", "items": LINE, "minItems": 2, "maxItems": 2}),
            )
        },
    },
)

_CODE = _record(
    ["label", "definition"],
    label=LABEL,
    definition=TEXT,
    include=OPTIONAL,
    exclude=OPTIONAL,
    example=OPTIONAL,
    group=CODE,
)
_FOR = {"type": ["string", "array"], "items": CODE}
CODEBOOK = _record(
    ["version", "title", "rules", "variables"],
    version=VERSION,
    title=LABEL,
    rules=_list(_record(["id", "label", "text"], id=CODE, label=LABEL, text=TEXT)),
    variables=_map(
        _record(
            ["label", "question", "scale", "list", "required_for", "source"],
            label=LABEL,
            question=TEXT,
            scale={"enum": ["nominal", "ordinal", "ratio", "text"]},
            list={"type": "boolean"},
            required_for=_FOR,
            allowed_for=_list(CODE),
            source=TEXT,
            codes=_map(_CODE),
            codes_from={"enum": ["actors"]},
            groups=_map(LABEL),
            format={"enum": ["edtf", "number"]},
        ),
        NAME,
    ),
    changes=_list(_record(["version", "list"], version=VERSION, recoded=_list(NAME), list=_list(TEXT))),
)

_DATE = {"type": ["string", "integer"], "maxLength": 30}
#: Names, some of them bounded by dates.
_ALIASES = _list(
    {
        "type": ["string", "object"],
        "required": ["text"],
        "properties": {"text": LABEL, "from": _DATE, "to": _DATE},
        "additionalProperties": False,
    }
)
ACTORS = _record(
    ["actors"],
    version=VERSION,
    types=_map(TEXT, NAME),
    actors=_map(
        _record(
            ["label", "type"],
            label=LABEL,
            short=LABEL,
            type=NAME,
            part_of=ACTOR,
            aliases=_ALIASES,
            valid=_record([], **{"from": _DATE, "to": _DATE}),
            role=TEXT,
            note=TEXT,
            iso3={"type": "string", "pattern": r"^[A-Z]{3}\Z"},
            cow={"type": "integer"},
        ),
        ACTOR,
    ),
)

#: Phrases of the rule coder; one given twice does no harm.
_PHRASES = {"type": ["array", "null"], "items": LABEL}
_NAMES = ("author", "unnamed", "drive", "brake", "denied", "unclear", "focus_scope", "other_scope", "future")
INDICATORS = _record(
    ["motives", "names", "attribution", "periods", "holders"],
    version=VERSION,
    built_on=_list({"type": "string", "pattern": SLUG}),
    aliases=_map(_ALIASES, ACTOR),
    not_actors=_list(LABEL),
    titles=_list(LABEL),
    anaphora=_list(
        _record(
            ["phrases", "types"],
            phrases=_list(LABEL, minItems=1),
            types=_list(NAME, minItems=1),
            all={"type": "boolean"},
        )
    ),
    motives=_map(_PHRASES),
    precedence=_list(CODE),
    acts=_map(_PHRASES),
    scopes=_map(_PHRASES),
    names=_record(list(_NAMES), **dict.fromkeys((*_NAMES, "media", "other", "request", "statement"), CODE)),
    dates=_map(_list(LABEL, minItems=1), {"pattern": r"^.{4,40}\Z"}),
    periods=_list(_record(["code", "to"], code=CODE, to=_DATE, to_month=_DATE), minItems=1),
    attribution=_map(CODE, NAME),
    holders=_list(NAME, minItems=1),
    not_holders=_list(ACTOR),
    units=_map(_list(LABEL, minItems=1)),
    never=_map(_list(ACTOR)),
)

SHAPES = {
    "study": STUDY,
    "segmentation": SEGMENTATION,
    "codebook": CODEBOOK,
    "actors": ACTORS,
    "indicators": INDICATORS,
}


@cache
def _validator(name: str):
    return fastjsonschema.compile(SHAPES[name])


def _plain(content):
    """Dates, which YAML makes of what looks like one, as text."""
    if isinstance(content, dict):
        return {key: _plain(value) for key, value in content.items()}
    if isinstance(content, list):
        return [_plain(value) for value in content]
    return content.isoformat() if isinstance(content, datetime.date) else content


def conform(content: dict, name: str, file: str) -> None:
    """Stop where the content of a file has not the shape that it needs.

    Args:
        name: a key of :data:`SHAPES`.
        file: for the message.

    Raises:
        StudyError: naming the first place that is wrong, what stands there and what is expected.
    """
    odd = next((key for key in _keys(content) if not isinstance(key, str)), None)
    if odd is not None:
        raise StudyError(f"{file}: key {odd!r} is no text; put it in quotation marks")
    try:
        _validator(name)(_plain(content))
    except fastjsonschema.JsonSchemaValueException as error:
        raise StudyError(f"{file}, {_message(error)}") from None


def _keys(content):
    if isinstance(content, dict):
        for key, value in content.items():
            yield key
            yield from _keys(value)
    elif isinstance(content, list):
        for value in content:
            yield from _keys(value)


_WORDS = {
    "string": "text (in quotation marks, if it looks like a number, a date, or yes and no)", "array": "a list", "object": "a mapping of keys to values",
    "integer": "a whole number", "boolean": "true or false", "null": "nothing",
}  # fmt: skip


def _message(error: fastjsonschema.JsonSchemaValueException) -> str:
    """Place, value and remedy."""
    path = [str(part) for part in error.path[1:]]
    place = f"at {'.'.join(path)}" if path else "at the top"
    rule, expected, value = error.rule, error.rule_definition, error.value
    if rule == "required":
        key = next(key for key in expected if key not in value)
        return f"{place}: key {key!r} is missing; add it"
    if rule == "additionalProperties":
        known = error.definition.get("properties") or {}
        patterns = error.definition.get("patternProperties") or {}
        key = next(key for key in value if key not in known and not any(re.search(p, key) for p in patterns))
        hint = f"the keys are: {', '.join(known)}" if known else f"a key must match {next(iter(patterns))}"
        return f"{place}: key {_short(key)} is not known; {hint}"
    if rule == "type":
        names = expected if isinstance(expected, list) else [expected]
        return f"{place}, value {_short(value)}: must be {' or '.join(_WORDS[name] for name in names)}"
    remedies = {
        "enum": lambda: f"must be one of: {', '.join(map(str, expected))}",
        "pattern": lambda: f"must match {expected}; rename it",
        "uniqueItems": lambda: "holds an item twice; remove one",
        "minLength": lambda: "is empty; fill it in or remove the key",
        "maxLength": lambda: f"has more than {expected} characters; shorten it",
        "minItems": lambda: f"needs at least {expected} items",
        "maxItems": lambda: f"must have no more than {expected} items",
        "minProperties": lambda: "is empty; fill it in",
    }
    remedy = remedies.get(rule, lambda: f"must have {rule} {expected}")()
    return f"{place}, value {_short(value)}: {remedy}"


def _short(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= 80 else shown[:77] + "..."
