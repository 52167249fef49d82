"""The project's own words, as the terminal, the Launchpad, feeds and sidecars write them, into the spec.

The keys are the fields of `ImportSpec`, nothing else. Lists may be text with commas, a mapping may be written either
way round, a key without a value counts as left out.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from import_pipeline.checked import checked, shown
from import_pipeline.errors import SpecError
from import_pipeline.run_config.contradictions import refuse_contradictions
from import_pipeline.run_config.spec import ImportSpec


def from_plain(body: Mapping[str, Any], where: str = "The spec") -> ImportSpec:
    """Read a spec in the project's own words.

    A mapping may be {column: field} or {field: column}: with `mapping_direction` it is settled here, without it from
    the headers of the file (`directions.orient`).

    Args:
        body: Keys and values; the keys are the fields of `ImportSpec`.
        where: What the body is called in a refusal, for example a file's name.

    Returns:
        The spec. `from_plain(spec.model_dump())` is the same spec again.

    Raises:
        SpecError: An unknown key (the nearest known one is named), an unusable value, a contradiction.
    """
    if isinstance(body, Mapping):
        body = {key: value for key, value in body.items() if value is not None}
        if isinstance(body.get("column_mapping"), Mapping):
            body["column_mapping"] = without_unmapped(body["column_mapping"])
    spec = checked(ImportSpec, body, where)
    refuse_contradictions(spec, where)
    return spec


def without_unmapped(mapping: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what a mapping maps to nothing (null): to map to nothing is not to map.

    >>> without_unmapped({"E-mail": "email", "Comment": None})
    {'E-mail': 'email'}
    """
    return {left: right for left, right in mapping.items() if right is not None}


def spec_from_options(
    record_type: str,
    *,
    mapping: Mapping[str, str | None] | None = None,
    organization: str | None = None,
    action: str | None = None,
    duplicate_strategy: str | None = None,
    duplicate_handling: str | None = None,
    tag_delimiter: str | None = None,
    tags: str | Iterable[str] | None = None,
    dry_run: bool = False,
    **further: Any,
) -> ImportSpec:
    """Build a spec from options of which most are left out (None), as the terminal's are.

    Args:
        record_type: What the rows are.
        mapping: Column and field, either way round.
        organization: Whose import it is; the default organization if left out.
        action: merge, overwrite or delete.
        duplicate_strategy: skip, fill, merge or overwrite.
        duplicate_handling: ignore_all or use_first.
        tag_delimiter: What stands between two tags of a cell.
        tags: Tags for every row, as a list or as text with commas.
        dry_run: Stop after phase 5.
        **further: Any other field of the spec, by its name.

    Raises:
        SpecError: As for `from_plain`.
    """
    options = {
        "record_type": record_type,
        "column_mapping": mapping,
        "organization": organization,
        "action": action,
        "duplicate_strategy": duplicate_strategy,
        "duplicate_handling": duplicate_handling,
        "tag_delimiter": tag_delimiter,
        "tags": tags if tags is None or isinstance(tags, str) else list(tags),
        "dry_run": dry_run,
    }
    return from_plain(options | further, "The options")


def merged_with(given: Mapping[str, Any], fixed: Mapping[str, str], where: str, fixed_by: str) -> dict[str, Any]:
    """Add what another place already says, and refuse a body that says otherwise.

    Args:
        given: A body in plain words.
        fixed: Keys whose value is settled, for example by the folder in which a file lies.
        where: What the body is called in a refusal.
        fixed_by: What settles the fixed values, for a refusal.

    Raises:
        SpecError: Both say the key, and differently.
    """
    for key, value in fixed.items():
        said = given.get(key)
        if said is not None and said != value:
            raise SpecError(
                f"{where}: {key!r} is {shown(said)}, but {fixed_by} says {value!r}. One of the two is meant: "
                f"leave {key!r} out, or change {fixed_by}.",
                key=key,
                readings=[said, value],
            )
    return {**given, **fixed}
