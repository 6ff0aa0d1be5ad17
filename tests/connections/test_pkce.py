"""A consent becomes a key once, for the one who began it, in its time; nothing leaks on the way."""

from __future__ import annotations

import asyncio
import logging
import re
from base64 import urlsafe_b64encode
from hashlib import sha256
from traceback import format_exception
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from openrouter_connector.connections.pkce import Authorization, Authorizations
from openrouter_connector.errors import ApiError, ConnectorError, CredentialError, InputError
from openrouter_connector.sandbox import Sandbox
from support.browser import code_in, decide
from support.clock import Clock
from support.scripted_server import CLOSES, Answer, response, scripted

ME = "me"
CODE = "auth_code_0123456789abcdef"


def query_of(flow: Authorization) -> dict[str, str]:
    return {name: value[0] for name, value in parse_qs(urlsplit(flow.authorize_url).query).items()}


def finished(flows: Authorizations, flow: Authorization, code: str, owner: str = ME) -> str:
    return asyncio.run(flows.finish(flow.state, code, owner))


def test_a_typed_code_becomes_a_key(flows: Authorizations, own_sandbox: Sandbox) -> None:
    flow = flows.begin(ME, base_url=own_sandbox.base_url, limit=2.5, label="my laptop")

    key = finished(flows, flow, f"  {code_in(decide(flow.authorize_url))}\n")

    told = httpx.get(f"{own_sandbox.base_url}/key", headers={"Authorization": f"Bearer {key}"})
    assert (flow.headless, flow.expires_in) == (True, 600)
    assert told.json()["data"]["limit"] == 2.5
    assert told.json()["data"]["label"] == "my laptop"
    sent = own_sandbox.requests[-2]
    assert sent.path == "/api/v1/auth/keys"
    assert sent.body["code_challenge_method"] == "S256"


def test_the_challenge_is_made_of_the_verifier_that_follows(flows: Authorizations) -> None:
    with scripted(response({"key": "sk-or-v1-made", "user_id": None})) as server:
        flow = flows.begin(ME, base_url=server.base_url)
        assert finished(flows, flow, CODE) == "sk-or-v1-made"

    received = server.requests[0]
    verifier = received.json["code_verifier"]
    asked = query_of(flow)
    assert re.fullmatch(r"[A-Za-z0-9._~-]{43,128}", verifier)
    shown = urlsafe_b64encode(sha256(verifier.encode()).digest()).decode()
    assert asked["code_challenge"] == shown.replace("=", "")
    assert asked["code_challenge_method"] == "S256"
    assert asked.keys() == {"code_challenge", "code_challenge_method"}
    assert "authorization" not in received.headers


@pytest.mark.parametrize(
    ("base_url", "page"),
    [
        (None, "https://openrouter.ai/auth"),
        ("https://openrouter.ai/api/v1", "https://openrouter.ai/auth"),
        ("https://eu.openrouter.ai/api/v1", "https://openrouter.ai/auth"),
        ("https://openrouter.ai.example.com/api/v1", "https://openrouter.ai.example.com/auth"),
        ("https://myopenrouter.ai/api/v1", "https://myopenrouter.ai/auth"),
        ("http://127.0.0.1:8788/api/v1", "http://127.0.0.1:8788/auth"),
    ],
)
def test_a_person_is_sent_to_the_page_of_the_server_that_is_meant(
    flows: Authorizations, base_url: str | None, page: str
) -> None:
    assert flows.begin(ME, base_url=base_url).authorize_url.split("?")[0] == page


@pytest.mark.parametrize("callback", ["http://localhost:3000/x", "http://localhost:3000/x/"])
def test_the_state_travels_in_the_path_of_the_callback(
    flows: Authorizations, callback: str
) -> None:
    given = flows.begin(ME, callback=callback)
    made = flows.begin(ME, callback=lambda state: f"https://example.com/{state}?a=b")

    assert query_of(given)["callback_url"] == f"http://localhost:3000/x/{given.state}"
    assert query_of(made)["callback_url"] == f"https://example.com/{made.state}?a=b"
    assert given.state != made.state


def test_all_that_is_wrong_with_a_beginning_is_told_at_once(flows: Authorizations) -> None:
    with pytest.raises(InputError) as refused:
        flows.begin(
            ME, base_url="http://example.com", callback="http://example.com", limit=0, label="x\ny"
        )

    assert [problem.path for problem in refused.value.problems] == [
        *("baseUrl", "callback", "label", "limit"),
    ]


def test_a_consent_that_was_never_begun_is_refused(flows: Authorizations) -> None:
    with pytest.raises(InputError, match="no such authorization was started here; start again"):
        asyncio.run(flows.finish("never-begun", CODE, ME))


def test_somebody_elses_consent_is_as_one_that_was_never_begun(
    flows: Authorizations, own_sandbox: Sandbox
) -> None:
    flow = flows.begin(ME, base_url=own_sandbox.base_url)
    code = code_in(decide(flow.authorize_url))

    with pytest.raises(InputError, match="no such authorization was started here"):
        finished(flows, flow, code, owner="somebody else")
    flows.cancel(flow.state, "somebody else")

    assert finished(flows, flow, code).startswith("sk-or-")


def test_a_consent_is_good_once(flows: Authorizations, own_sandbox: Sandbox) -> None:
    flow = flows.begin(ME, base_url=own_sandbox.base_url)
    code = code_in(decide(flow.authorize_url))
    finished(flows, flow, code)

    with pytest.raises(InputError, match="was already used; start again"):
        finished(flows, flow, code)


def test_a_consent_is_used_while_its_first_exchange_goes_on(
    flows: Authorizations, own_sandbox: Sandbox
) -> None:
    flow = flows.begin(ME, base_url=own_sandbox.base_url)
    code = code_in(decide(flow.authorize_url))

    async def twice() -> list[str | BaseException]:
        both = (flows.finish(flow.state, code, ME) for _ in range(2))
        return await asyncio.gather(*both, return_exceptions=True)

    key, refused = asyncio.run(twice())
    assert isinstance(key, str)
    assert isinstance(refused, InputError)


@pytest.mark.parametrize(("seconds", "told"), [(600, "longer than 10 minutes"), (1200, "no such")])
def test_a_late_consent_is_refused(
    flows: Authorizations, clock: Clock, own_sandbox: Sandbox, seconds: float, told: str
) -> None:
    flow = flows.begin(ME, base_url=own_sandbox.base_url)
    code = code_in(decide(flow.authorize_url))
    before = own_sandbox.requests
    clock.now += seconds

    with pytest.raises(InputError, match=told):
        finished(flows, flow, code)
    assert own_sandbox.requests == before


def test_a_cancelled_consent_is_refused(flows: Authorizations, own_sandbox: Sandbox) -> None:
    flow = flows.begin(ME, base_url=own_sandbox.base_url)
    flows.cancel(flow.state, ME)
    flows.cancel(flow.state, ME)

    with pytest.raises(InputError, match="was cancelled"):
        finished(flows, flow, CODE)


@pytest.mark.parametrize("code", ["", "   ", "two words", "päß", "x" * 1001])
def test_what_is_no_code_does_not_use_the_consent_up(
    flows: Authorizations, own_sandbox: Sandbox, code: str
) -> None:
    flow = flows.begin(ME, base_url=own_sandbox.base_url)

    with pytest.raises(InputError, match="copy the whole code"):
        finished(flows, flow, code)

    assert finished(flows, flow, code_in(decide(flow.authorize_url))).startswith("sk-or-")


def test_a_code_of_another_consent_is_refused(flows: Authorizations, own_sandbox: Sandbox) -> None:
    mine, other = (flows.begin(ME, base_url=own_sandbox.base_url) for _ in range(2))

    with pytest.raises(CredentialError, match="refuses the code: it is wrong") as refused:
        finished(flows, mine, code_in(decide(other.authorize_url)))
    assert refused.value.status == 403


def test_a_code_that_expired_is_told(flows: Authorizations, own_sandbox: Sandbox) -> None:
    flow = flows.begin(ME, base_url=own_sandbox.base_url)

    with pytest.raises(CredentialError, match="refuses the code: it expired; start again"):
        finished(flows, flow, code_in(decide(flow.authorize_url, "expired")))


@pytest.mark.parametrize(
    ("answer", "kind", "told"),
    [
        pytest.param(response({"error": {"code": 400}}, 400), CredentialError, "refuses", id="400"),
        pytest.param(response({"error": "busy"}, 409), CredentialError, "refuses", id="409"),
        pytest.param(response("<html>", 404), ApiError, "does not support OAuth", id="404"),
        pytest.param(response({"error": "x"}, 500), ApiError, "answered 500", id="500"),
        pytest.param(response({"user_id": "u"}), CredentialError, "returned no key", id="no-key"),
        pytest.param(response({"key": 7}), CredentialError, "returned no key", id="number"),
        pytest.param(
            response({"key": "two words"}), CredentialError, "returned no key", id="no-header"
        ),
        pytest.param(response([]), CredentialError, "returned no key", id="list"),
        pytest.param(response("<p>", kind="text/html"), ApiError, "not exchanged", id="page"),
        pytest.param(CLOSES, ApiError, "could not be reached", id="closed"),
    ],
)
def test_an_odd_answer_to_the_exchange_is_told(
    flows: Authorizations, answer: Answer, kind: type[ConnectorError], told: str
) -> None:
    with scripted(answer) as server:
        flow = flows.begin(ME, base_url=server.base_url)
        with pytest.raises(kind, match=told):
            finished(flows, flow, CODE)


def test_a_consent_that_the_server_could_not_be_asked_for_is_used_too(
    flows: Authorizations,
) -> None:
    flow = flows.begin(ME, base_url="http://127.0.0.1:9/api/v1")
    with pytest.raises(ApiError, match="could not be reached"):
        finished(flows, flow, CODE)

    with pytest.raises(InputError, match="already used"):
        finished(flows, flow, CODE)


def test_verifier_code_and_key_are_in_no_error_log_or_repr(
    flows: Authorizations, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    secrets = [CODE]
    shown = ""
    for status in (400, 403, 500):
        with scripted(response({"error": {"message": CODE}}, status)) as server:
            flow = flows.begin(ME, base_url=server.base_url)
            shown += repr(flow) + repr(vars(flows))
            with pytest.raises(ConnectorError) as refused:
                finished(flows, flow, CODE)
            secrets.append(server.requests[0].json["code_verifier"])
            shown += f"{refused.value!r} {refused.value.to_json()}"
            shown += "".join(format_exception(refused.value))
    with scripted(response({"key": "sk-or-v1-made-secretly"})) as server:
        finished(flows, flows.begin(ME, base_url=server.base_url), CODE)
    shown += caplog.text + repr(vars(flows))

    assert [secret for secret in [*secrets, "made-secretly"] if secret in shown] == []


def test_the_oldest_of_many_consents_of_one_person_gives_way(flows: Authorizations) -> None:
    first, *others = [flows.begin(ME) for _ in range(21)]

    with pytest.raises(InputError, match="no such authorization"):
        finished(flows, first, CODE)
    assert len({flow.state for flow in others}) == 20


def test_there_is_an_end_to_open_consents(flows: Authorizations, clock: Clock) -> None:
    for number in range(1000):
        flows.begin(f"somebody {number}")
    with pytest.raises(InputError, match="too many"):
        flows.begin(ME)

    clock.now += 1200
    flows.begin(ME)
