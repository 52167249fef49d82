"""The rules that values keep, one file each, found by file name: a new file is a new rule.

A rule is written on the Pandera schema, as the check that its `check` function makes. `of` finds the rule of a check
again, and with it the check's SQL, code and message: the SQL is read from the schema, never written beside it.
"""

import pkgutil
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, cast

from import_pipeline.sql import Parameters
from import_pipeline.words import DefectLevel

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pandera.pandas import Check


class Rule(Protocol):
    """What the module of a rule holds, besides the function `check` that makes its Pandera check."""

    @property
    def CHECKS(self) -> tuple[str, ...]:  # noqa: N802 - a constant of a module
        """The names of the Pandera checks that the rule reads: its own, or built-in ones."""
        ...

    @property
    def CODE(self) -> str:  # noqa: N802 - a constant of a module
        """The code of the defect."""
        ...

    def suspects(self, column: str, statistics: "Mapping[str, Any]", bind: Parameters) -> str | None:
        """SQL that is true for every value the check could refuse: perhaps for more, never for fewer.

        Args:
            column: SQL of the typed value.
            statistics: The parameters of the check, and under `check` its name.
            bind: Where the values of the statement go.

        Returns:
            The predicate (what it says of NULL does not matter), or None if these parameters have no SQL.
        """
        ...

    def message(self, statistics: "Mapping[str, Any]") -> str:
        """What is wrong, and what would be right."""
        ...


def of(check: "Check") -> Rule | None:
    """The rule that a Pandera check was made by, or None if it is nobody's here."""
    return _by_check_name().get(check.name or "")


def statistics_of(check: "Check") -> dict[str, Any]:
    """What a rule's `suspects` and `message` take: the parameters of a check, and under `check` its name."""
    return {**(check.statistics or {}), "check": check.name}


def worded(check: "Check", level: str | None, message: str | None) -> "Check":
    """Give a check a level (info, warning, error) and words of its own; None leaves what its rule has."""
    own = {name: value for name, value in (("level", level), ("message", message)) if value is not None}
    check.statistics = {**(check.statistics or {}), **own}
    return check


def level_of(check: "Check") -> str:
    """How bad a failure of a check is: error, unless it was given another level."""
    return (check.statistics or {}).get("level", str(DefectLevel.ERROR))


def names() -> tuple[str, ...]:
    """The names of all rules: the files of this folder."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_")))


@cache
def _by_check_name() -> dict[str, Rule]:
    rules = (cast(Rule, import_module(f"{__name__}.{name}")) for name in names())
    return {check_name: rule for rule in rules for check_name in rule.CHECKS}
