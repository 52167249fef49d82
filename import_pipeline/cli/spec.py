"""`spec`: every key of an import's spec, which `--set`, sidecars of the bucket, feeds and the Launchpad take alike."""

from collections.abc import Iterator
from enum import Enum
from types import UnionType
from typing import TYPE_CHECKING, Any, get_args

from import_pipeline.cli import options, screen

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic.fields import FieldInfo

_KINDS: dict[Any, str] = {
    bool: "true, false", int: "number", float: "number", str: "text", dict: "object", tuple: "list", frozenset: "list",
}  # fmt: skip


def spec(as_json: options.AsJson = False) -> None:
    """List what an import can be asked: every key, what it may be, what it is if left out, and what it means.

    `run`, `confirm` and `replay` take each as --set KEY=VALUE; a sidecar (NAME.import.yaml), feeds.yaml and Dagster's
    run config by the same names. Lists are written with commas or as JSON, objects as JSON. --json prints the JSON
    Schema.
    """
    from import_pipeline.run_config.spec import ImportSpec, ReadOptions

    if as_json:
        screen.print_json(ImportSpec.model_json_schema())
        return
    screen.say("Any key, by --set KEY=VALUE:")
    _print_keys(ImportSpec)
    screen.say("\nHow the file is read, in the object `reading` (run has an option for most):")
    _print_keys(ReadOptions)


def _print_keys(model: "type[BaseModel]") -> None:
    from rich.padding import Padding

    console = screen.out()
    for name, field in model.model_fields.items():
        kinds = ", ".join(_kinds_in(field.annotation))
        console.print(f"\n{name}: {kinds}{_default(field)}")
        console.print(Padding(field.description or "", (0, 0, 0, 4)))


def _default(field: "FieldInfo") -> str:
    if field.is_required():
        return " (required)"
    if not field.default or not isinstance(field.default, str | tuple | frozenset):
        return ""
    words = field.default if isinstance(field.default, str) else ",".join(sorted(field.default))
    return f" ({words} by default)"


def _kinds_in(annotation: Any) -> Iterator[str]:
    """What a value may be, in words: the choices of an enumeration, else its kind."""
    origin = getattr(annotation, "__origin__", annotation)
    if isinstance(origin, type) and issubclass(origin, Enum):
        yield from (str(member.value) for member in origin)
    elif origin in _KINDS:
        yield _KINDS[origin]
    elif isinstance(origin, type) and origin is not UnionType:
        yield "object"
    else:
        for part in get_args(annotation):
            if part is not type(None):
                yield from _kinds_in(part)
