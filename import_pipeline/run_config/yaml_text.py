"""YAML that people write by hand, read as text: `no`, `007` and `1e3` stay what was typed, only null is not text.

Aliases, tags, repeated keys, depth and size are refused, so that a file has one reading and costs little. What the
keys mean is decided by those who ask.
"""

from typing import Any

import yaml

from import_pipeline.errors import SpecError

MAX_DEPTH = 20

_NULL_TAG = "tag:yaml.org,2002:null"


class _TextLoader(yaml.SafeLoader):
    """The safe loader, with null as the only scalar that is recognised."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - the name and kind are PyYAML's
        first: [(tag, pattern) for tag, pattern in resolvers if tag == _NULL_TAG]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def load_yaml(text: str | bytes, where: str, max_bytes: int) -> Any:
    """Read one YAML document into dicts, lists, text and None.

    Args:
        text: The document; bytes are UTF-8 or, with their mark, UTF-16.
        where: The file, as a refusal names it.
        max_bytes: The most that is read.

    Raises:
        SpecError: Too large, not YAML, more than one document, or with an alias, a tag, a repeated key or a depth that
            is refused; names the file, the place and the remedy.
    """
    size = len(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
    if size > max_bytes:
        raise SpecError(
            f"{where} is {size} bytes long, more than {max_bytes}. Write less into it.", file=where, size=size
        )
    try:
        _refuse_tricks(text, where)
        loader = _TextLoader(text)
        try:
            node = loader.get_single_node()
            return _value(node, where) if node is not None else None
        finally:
            loader.dispose()
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SpecError(f"{where} is not YAML: {_place_of(error)}. Mend that place.", file=where) from error


def _refuse_tricks(text: str | bytes, where: str) -> None:
    """Look at the parser's events first: nothing is built from a document that is too deep or refers to itself."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            raise SpecError(
                f"{where}, line {event.start_mark.line + 1}: more than {MAX_DEPTH} levels deep. Write it flatter.",
                file=where,
            )
        if isinstance(event, yaml.AliasEvent):
            raise SpecError(
                f"{where}, line {event.start_mark.line + 1}: the alias *{event.anchor} is not allowed. "
                "Write the value out, or put it in quotes if the * belongs to it.",
                file=where,
            )
        if isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent) and event.tag not in (None, "!"):
            raise SpecError(
                f"{where}, line {event.start_mark.line + 1}: the tag {event.tag} is not allowed. "
                "Leave it out, or put the value in quotes if the ! belongs to it.",
                file=where,
            )


def _value(node: yaml.Node, where: str) -> Any:
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, where) for item in node.value]
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, where)
    return None if node.tag == _NULL_TAG else node.value


def _mapping(node: yaml.MappingNode, where: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            raise SpecError(f"{where}, line {line}: a key must be text. Put it in quotes.", file=where)
        key = key_node.value
        if key in found:
            raise SpecError(
                f"{where}, line {line}: the key {key!r} stands twice, and either value could be meant. Keep one.",
                file=where,
                key=key,
            )
        found[key] = _value(value_node, where)
    return found


def _place_of(error: yaml.YAMLError | UnicodeDecodeError) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error).splitlines()[0]
    return f"line {mark.line + 1}, column {mark.column + 1}: {problem}" if mark is not None else problem
