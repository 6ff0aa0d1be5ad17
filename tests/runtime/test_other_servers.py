"""What servers other than OpenRouter say when they refuse; tests/third_party asks real ones."""

from __future__ import annotations

import pytest

from openrouter_connector import ApiError, CredentialError, NotFoundError
from support.scripted_server import Ask, response, scripted


def test_a_key_that_litellm_does_not_have_is_a_credential_error(ask: Ask) -> None:
    body = {"error": {"message": "No connected db.", "type": "no_db_connection", "code": "400"}}
    with (
        scripted(response(body, 400)) as server,
        pytest.raises(CredentialError, match=r"^No connected db\. Check the token") as caught,
    ):
        ask(server.base_url)
    assert caught.value.status == 400


def test_a_message_of_several_lines_becomes_one(ask: Ask) -> None:
    body = {"error": {"message": "It is too long.\nmodel=a/b\n\n  Fallbacks=None"}}
    with (
        scripted(response(body, 400)) as server,
        pytest.raises(ApiError, match=r"^It is too long\. model=a/b Fallbacks=None$"),
    ):
        ask(server.base_url)


def test_a_place_that_is_not_there_may_be_the_wrong_base_url(ask: Ask) -> None:
    with (
        scripted(response({"detail": "Not Found"}, 404)) as server,
        pytest.raises(NotFoundError, match=r"^Not Found\..*base URL"),
    ):
        ask(server.base_url)
