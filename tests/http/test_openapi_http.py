"""Every response matches the OpenAPI document, to valid and to invalid requests."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import CHECKS

from openrouter_connector.faces.http.sessions import StartupConnection
from openrouter_connector.sandbox import Sandbox
from support.http_face import TOKEN, Serve

HEADERS = {"Authorization": f"Bearer {TOKEN}"}
SUITABLE = [
    "status_code_conformance", "content_type_conformance", "response_schema_conformance",
    "response_headers_conformance", "unsupported_method", "ignored_auth",
]  # fmt: skip


# Threads of the server draw random numbers while the tests are generated.
@pytest.mark.filterwarnings("ignore:Do not use the `random` module inside strategies")
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_every_response_matches_the_document(
    serve: Serve, sandbox: Sandbox, mode: GenerationMode
) -> None:
    served = serve(startup={"sandbox": StartupConnection(sandbox.token, sandbox.base_url)})
    schema = schemathesis.openapi.from_url(f"{served.url}/api/openapi.json", headers=HEADERS)
    checks: list[Any] = [CHECKS.get_one(name) for name in SUITABLE]
    operations: list[Any] = list(schema.get_all_operations())

    for operation in operations:
        # The path of one action is that of all actions, with a narrower schema.
        if re.fullmatch(r"/api/actions/\w+/perform", operation.ok().path):
            continue

        @given(case=operation.ok().as_strategy(generation_mode=mode))
        @settings(
            max_examples=8,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def asked(case: Case[Any]) -> None:
            answer = case.call(headers=HEADERS)
            assert answer.status_code != 500
            case.validate_response(answer, checks=checks)

        with suppress(Unsatisfiable):  # nothing can be wrong where there is nothing to say
            asked()
