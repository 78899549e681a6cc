"""YAML that holds plain values only: what it costs to read is bounded, and nothing in it is lost or run."""

from __future__ import annotations

from pathlib import Path

import yaml

from claimtrace.errors import StudyError
from claimtrace.texts import read_text

#: A YAML file has no more parts than this, aliases counted as often as they are used, and no deeper ones.
_MOST_NODES, _DEEPEST = 200_000, 40


def parse_yaml(text: str, name: str):
    """The content of a YAML text: plain values only.

    Raises:
        StudyError: it does not parse, has a key twice, a tag, too many or too deeply nested parts.
    """
    loader = _Loader("")
    try:
        _fathom(text)
        loader = _Loader(text)
        node = loader.get_single_node()
        if node is None:
            return None
        _measure(node, {})
        return loader.construct_document(node)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f", line {mark.line + 1}" if mark else ""
        parts = (getattr(error, "context", None), getattr(error, "problem", None))
        message = " ".join((": ".join(part for part in parts if part) or str(error)).split())
        raise StudyError(f"{name}{place}: {message}; correct the YAML") from None
    except (ValueError, OverflowError, RecursionError) as error:
        # A date or a number that Python cannot hold: PyYAML lets its errors through.
        raise StudyError(f"{name}: a value cannot be read ({error}); put it in quotation marks") from None
    finally:
        loader.dispose()


def _fathom(text: str) -> None:
    """Stop at parts that are nested too deeply: the composer of PyYAML calls itself for each level until the process dies."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            raise yaml.composer.ComposerError(None, None, f"nested deeper than {_DEEPEST} levels", event.start_mark)


def _measure(node: yaml.Node, known: dict[int, int]) -> int:
    """How many parts a node has, aliases followed; stops before they become too many for anything that walks over them."""
    if isinstance(node, yaml.ScalarNode):
        return 1
    if id(node) in known:
        if not known[id(node)]:
            raise yaml.constructor.ConstructorError(None, None, "an alias inside its own anchor", node.start_mark)
        return known[id(node)]
    known[id(node)] = 0
    pairs = isinstance(node, yaml.MappingNode)
    parts = [part for pair in node.value for part in pair] if pairs else node.value
    size = 1
    for part in parts:
        size += _measure(part, known)
        if size > _MOST_NODES:
            raise yaml.constructor.ConstructorError(None, None, f"more than {_MOST_NODES} parts", node.start_mark)
    known[id(node)] = size
    return size


class _Loader(yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader):
    """YAML silently keeps the last of two equal keys; a study must not lose a code or an actor that way. What looks like a date is
    text, as the dates of a study are EDTF."""

    yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in known if tag != "tag:yaml.org,2002:timestamp"]
        for first, known in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node, deep=False):
        seen = set()
        for key_node, _ in node.value:
            if key_node.tag == "tag:yaml.org,2002:merge":
                problem = "'<<' is not read; write the keys out"
                raise yaml.constructor.ConstructorError(None, None, problem, key_node.start_mark)
            key = self.construct_object(key_node, deep=True)
            if isinstance(key, str | int):
                if key in seen:
                    raise yaml.constructor.ConstructorError(None, None, f"duplicate key {key!r}", key_node.start_mark)
                seen.add(key)
        return super().construct_mapping(node, deep)


def read_yaml(path: Path) -> dict:
    """A YAML mapping from a file.

    Raises:
        StudyError: the file is missing, cannot be read, does not parse or is not a mapping.
    """
    content = parse_yaml(read_text(path), path.name)
    if not isinstance(content, dict):
        raise StudyError(f"{path.name}: expected a mapping of keys to values")
    return content
