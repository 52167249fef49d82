"""The documentation of the API, held against what it does."""

import re
from typing import Any

import httpx
import jsonschema_rs
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


def test_every_call_is_described_with_examples_that_fit_and_its_errors(served_local: Served) -> None:
    document = served_local.client().get("/openapi.json")
    for path, calls in document["paths"].items():
        for method, call in calls.items():
            where = f"{method} {path}"
            assert call["summary"], where
            assert call["description"], where
            assert all(_has_example(one) for one in call.get("parameters", ())), where
            statuses = set(call["responses"])
            assert {"404", "422"} & statuses, where
            assert "security" not in call or {"401", "422"} <= statuses, where
            assert ("{" not in path) or ("404" in statuses), where
            takes_body = method in ("post", "put", "patch") and not path.rstrip("/").endswith(
                ("/cancel", "/resume", "/undo", "/delete", "/preview")
            )
            assert ("requestBody" in call) == takes_body, where
            bodies = {"request": call.get("requestBody", {}), **call["responses"]}
            for name, body in bodies.items():
                for kind, media in body.get("content", {}).items():
                    _must_fit(media, document, f"{where} {name} {kind}")


def _has_example(parameter: dict[str, Any]) -> bool:
    return bool({"example", "examples", "default"} & {*parameter, *parameter["schema"]})


def _must_fit(media: dict[str, Any], document: dict[str, Any], where: str) -> None:
    assert "example" in media, where
    assert "…" not in _texts(media["example"]), f"{where}: a text without an example"
    if where.endswith("application/json"):
        jsonschema_rs.validate({**media["schema"], "components": document["components"]}, media["example"])


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for one in value.values() for text in _texts(one)]
    if isinstance(value, list):
        return [text for one in value for text in _texts(one)]
    return [value] if isinstance(value, str) else []


def test_the_documentation_needs_no_other_server(served_local: Served) -> None:
    page = httpx.get(f"{served_local.url}/docs")
    assert page.is_success
    named = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(named) >= 3
    for address in named:
        assert address.startswith("/"), address
        assert httpx.get(f"{served_local.url}{address}").is_success, address
    assert "default-src 'self'" in page.headers["Content-Security-Policy"]
