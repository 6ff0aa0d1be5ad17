"""A component of another API over HTTP: it performs, and nothing names the first one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from openrouter_connector.faces.http.sessions import StartupConnection
from support.http_face import Serve
from support.second_component import KEY, OTHER_BRAND, paperworks

NOTE = {"style": "serif", "text": "Hello"}
STATES = ["form", "check", "options/style"]


def test_another_api_is_served_as_itself(serve: Serve, tmp_path: Path) -> None:
    with paperworks(tmp_path / "paperworks") as paper:
        served = serve(connector=paper.connector, startup={"paper": StartupConnection(KEY)})

        component = served.api.get("/api/component")
        performed = served.perform("printNote", NOTE, connection="paper")
        streamed = list(served.events({"question": "Where?"}, action="chat"))
        refused = served.perform("printNote", NOTE | {"style": "gothic"}, connection="paper")
        tested = served.api.post("/api/connections/paper/test")
        posted = [
            served.api.post(
                f"/api/actions/printNote/{place}", json={"parameters": NOTE, "connection": "paper"}
            )
            for place in STATES
        ]

        assert performed.json()["output"] == "tray 2"
        assert streamed[-1][1]["output"] == "On paper."
        problem = "There is no such style. The styles are at https://paperworks.example/styles."
        assert (refused.status_code, refused.json()["detail"]) == (502, problem)
        assert tested.json()["state"] == "ok"
        assert [one.status_code for one in posted] == [200, 200, 200]
        assert posted[1].json()["estimate"] is None
        for one in (component, performed, refused, tested, *posted):
            assert not OTHER_BRAND.search(one.text), one.text
        assert not OTHER_BRAND.search(json.dumps(streamed))
        assert {one.headers.get("x-api-key") for one in paper.server.requests} == {KEY}
        assert not any("authorization" in one.headers for one in paper.server.requests)


@pytest.mark.parametrize("token", [None, "wrong"])
def test_a_wrong_key_is_not_stored(serve: Serve, tmp_path: Path, token: str | None) -> None:
    with paperworks(tmp_path / "paperworks") as paper:
        served = serve(connector=paper.connector)
        body = {"name": "paper", "token": token}
        answer = served.api.post("/api/connections", json=body)
    assert answer.status_code == 422
    assert "Paperworks" in answer.text and not OTHER_BRAND.search(answer.text)
