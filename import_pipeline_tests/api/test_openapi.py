"""The documentation of the API, held against what it does."""

from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from import_pipeline_tests.api.serving import Served

EXAMPLES = 8


def test_every_call_answers_as_documented_whatever_is_sent_and_never_breaks(served_local: Served) -> None:
    client = served_local.client()
    schema = schemathesis.openapi.from_url(f"{served_local.url}/openapi.json")
    headers = {"Authorization": f"Bearer {client.token}"}
    problems: list[str] = []
    for found in schema.get_all_operations():
        operation: Any = found.ok()  # pyright: ignore[reportAttributeAccessIssue]
        try:
            _try_out(operation, headers)
        except (Exception, BaseExceptionGroup) as failure:  # all are tried before the test says what is wrong
            problems.append(f"{operation.label}: {failure} {getattr(failure, 'exceptions', '')}")
    assert not problems, "\n\n".join(problems)


def _try_out(operation: Any, headers: dict[str, str]) -> None:
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),  # pyright: ignore[reportArgumentType]
        phases=[Phase.explicit, Phase.generate],
    )
    @given(case=operation.as_strategy())
    def call(case: schemathesis.Case) -> None:
        # What fits its description may still name a record type or column that does not exist.
        case.call_and_validate(headers=headers, excluded_checks=[positive_data_acceptance])

    call()


def test_every_call_is_described_with_an_example_and_its_errors(served_local: Served) -> None:
    document = served_local.client().get("/openapi.json")
    for path, calls in document["paths"].items():
        for method, call in calls.items():
            where = f"{method} {path}"
            assert call["summary"], where
            assert call["description"], where
            assert any(status.startswith("4") for status in call["responses"]), where
            for media in call.get("requestBody", {}).get("content", {}).values():
                assert media, where
