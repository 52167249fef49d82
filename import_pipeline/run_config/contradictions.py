"""Requests whose parts each make sense and together do not: refused with both readings named.

One check for each contradiction; whether a single part is well-formed is the spec's own business.
"""

from collections.abc import Callable

from import_pipeline.errors import SpecError
from import_pipeline.nearest import listed
from import_pipeline.run_config.spec import ImportSpec
from import_pipeline.words import Action, DuplicateStrategy, InvalidData, OnBadOptional

CREATABLE = ("company", "group", "source")
"""The record types that `create_missing` may name."""


def refuse_contradictions(spec: ImportSpec, where: str) -> None:
    """Refuse a spec that contradicts itself.

    Raises:
        SpecError: Names the parts, the readings and what to change.
    """
    for check in _CHECKS:
        problem = check(spec)
        if problem is not None:
            raise SpecError(f"{where}: {problem}", check=check.__name__.lstrip("_"))


def _delete_that_spares(spec: ImportSpec) -> str | None:
    if spec.action is not Action.DELETE or spec.duplicate_strategy is DuplicateStrategy.MERGE:
        return None
    return (
        f"action is 'delete' and duplicate_strategy is {spec.duplicate_strategy.value!r}. Read by the action, the "
        "records of the file are deleted; read by the strategy, they are kept. Leave duplicate_strategy out to delete, "
        "or set action to 'merge'."
    )


def _delete_that_writes(spec: ImportSpec) -> str | None:
    if spec.action is not Action.DELETE:
        return None
    written = {
        "tags": bool(spec.tags),
        "group_tags": bool(spec.group_tags),
        "groups": bool(spec.groups) and not spec.import_by_group,
        "default_source": spec.default_source is not None,
    }
    keys = [key for key, is_written in written.items() if is_written]
    if not keys:
        return None
    return (
        f"action is 'delete' and {listed(keys)} would be written to the same records. Either the records are deleted "
        f"or they get {', '.join(keys)}. Leave {', '.join(keys)} out to delete, or set action to 'merge'."
    )


def _groups_of_no_name(spec: ImportSpec) -> str | None:
    if not spec.import_by_group or spec.groups:
        return None
    return (
        "import_by_group is true and `groups` names none. Either no row is meant, or every row. Name the groups to "
        "import in `groups`, or set import_by_group to false to import all rows."
    )


def _tags_of_groups_left_out(spec: ImportSpec) -> str | None:
    outside = [group for group in spec.group_tags if group not in spec.groups]
    if not spec.import_by_group or not outside:
        return None
    return (
        f"group_tags has tags for {listed(outside)}, and import_by_group imports only {listed(spec.groups)}. Either "
        "these groups are to be imported too, or their tags are not wanted. Add them to `groups`, or drop their tags."
    )


def _whole_truth_of_a_part(spec: ImportSpec) -> str | None:
    if spec.action is not Action.OVERWRITE or not spec.import_by_group:
        return None
    return (
        "action is 'overwrite' and import_by_group is true. Read by the action, every record that is not in the file "
        "is deleted; read by the groups, only some rows of the file count, and the records of the others would be "
        "deleted too. Set action to 'merge', or import_by_group to false."
    )


def _bad_cells_emptied_and_not(spec: ImportSpec) -> str | None:
    if spec.invalid_data is not InvalidData.NULL_CELLS or spec.on_bad_optional is not OnBadOptional.FAIL:
        return None
    return (
        "invalid_data is 'null_cells' and on_bad_optional is 'fail'. Read by the first, every bad cell is left empty; "
        "read by the second, a row with a bad cell fails. Leave on_bad_optional out, or set invalid_data to "
        "'remove_rows'."
    )


def _missing_of_a_kind_that_is_not_referenced(spec: ImportSpec) -> str | None:
    unknown = sorted(spec.create_missing - set(CREATABLE))
    if not unknown:
        return None
    return f"create_missing names {listed(unknown)}: only {listed(CREATABLE)} can be created by reference."


_CHECKS: tuple[Callable[[ImportSpec], str | None], ...] = (
    _delete_that_spares,
    _delete_that_writes,
    _groups_of_no_name,
    _tags_of_groups_left_out,
    _whole_truth_of_a_part,
    _missing_of_a_kind_that_is_not_referenced,
    _bad_cells_emptied_and_not,
)
