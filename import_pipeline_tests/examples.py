"""How many examples a property test tries, and which: in the suite few, always the same, as quick as the machine is.

`pytest --hypothesis-profile thorough` tries ten times as many, other ones each time.
"""

from typing import Any

from hypothesis import HealthCheck, Phase, settings

_WHOLE = 100
"""What the suite's profile calls all the examples of a test."""
_UNHURRIED = (
    HealthCheck.too_slow,
    HealthCheck.data_too_large,
    HealthCheck.large_base_example,
    HealthCheck.function_scoped_fixture,
)
_ALIKE: dict[str, Any] = {"deadline": None, "database": None, "suppress_health_check": _UNHURRIED}


def declare_profiles() -> None:
    """Make known what `--hypothesis-profile` names."""
    settings.register_profile("suite", max_examples=_WHOLE, derandomize=True, **_ALIKE)
    settings.register_profile("thorough", max_examples=10 * _WHOLE, **_ALIKE)


def examples(number: int, *, shrink: bool = True, **more: Any) -> settings:
    """The settings of a property test.

    Args:
        number: How many examples the suite tries.
        shrink: Whether an example that fails is made smaller; not where that would take minutes.
        more: Further settings of Hypothesis.
    """
    phases = [phase for phase in Phase if shrink or phase not in (Phase.shrink, Phase.explain)]
    return settings(max_examples=number * settings().max_examples // _WHOLE, phases=phases, **more)
