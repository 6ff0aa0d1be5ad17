"""Lists are kept for as long as the server says, and longer when it is gone."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from openrouter_connector import Choices, Connector, Session
from openrouter_connector.runtime.catalogue.cache import MAXIMUM, CachedList, ListCache
from support.scripted_server import CLOSES, Answer, completion, response, scripted

TOKEN = "sk-or-v1-" + "5ec2e7" * 10
Do = Callable[[Session], Awaitable[Any]]


def models(*names: str, **headers: str) -> Answer:
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    return response({"data": [{"id": name, "name": name} for name in names]}, headers=told)


def during(base_url: str, do: Do, cache: Path | bool, token: str = TOKEN) -> Any:
    """Do something in a session of a connector that knows nothing but what is on disk."""

    async def opened() -> Any:
        connector = Connector.load(cache=cache)
        async with connector.connect(token, base_url=base_url, attempts=1) as session:
            return await do(session)

    return asyncio.run(opened())


async def shown(session: Session) -> list[str]:
    return names(await session.options("ask", "model"))


def names(choices: Choices) -> list[str]:
    return [option["value"] for option in choices.options]


def aged(cache: Path, seconds: float) -> None:
    """Make every list on disk older."""
    for file in cache.glob("*.json"):
        kept = json.loads(file.read_text())
        file.write_text(json.dumps(kept | {"fetched": kept["fetched"] - seconds}))


def test_a_fresh_list_is_not_requested_again(tmp_path: Path) -> None:
    with scripted(models("one")) as server:
        for _ in range(2):
            assert during(server.base_url, shown, tmp_path) == ["one"]
        assert len(server.requests) == 1


def test_many_who_ask_at_once_cause_one_request(tmp_path: Path) -> None:
    async def totals(session: Session) -> Any:
        return await asyncio.gather(*(shown(session) for _ in range(20)))

    with scripted(models("one")) as server:
        assert during(server.base_url, totals, False) == [["one"]] * 20
        assert len(server.requests) == 1


def test_a_list_that_is_no_longer_fresh_is_shown_and_renewed_behind(tmp_path: Path) -> None:
    told = {"Cache_Control": "public, max-age=60, stale-while-revalidate=600"}
    with scripted(models("old", **told), models("new", **told)) as server:
        during(server.base_url, shown, tmp_path)
        aged(tmp_path, 61)
        assert during(server.base_url, shown, tmp_path) == ["old"]
        assert during(server.base_url, shown, tmp_path) == ["new"]
        assert len(server.requests) == 2


def test_a_list_that_is_too_old_is_requested_first(tmp_path: Path) -> None:
    told = {"Cache_Control": "max-age=60, stale-while-revalidate=600"}
    with scripted(models("old", **told), models("new", **told)) as server:
        during(server.base_url, shown, tmp_path)
        aged(tmp_path, 661)
        assert during(server.base_url, shown, tmp_path) == ["new"]


def test_a_list_says_how_old_it_is_when_nobody_answers(tmp_path: Path) -> None:
    async def whole(session: Session) -> Choices:
        return await session.options("ask", "model")

    with scripted(models("old")) as server:
        base_url = server.base_url
        during(base_url, shown, tmp_path)
    aged(tmp_path, 3 * 86400)
    choices = during(base_url, whole, tmp_path)
    assert names(choices) == ["old"]
    assert "3 days old" in choices.message and "no connection" in choices.message
    assert choices.age > 3 * 86400 - 1


def test_a_refresh_asks_the_server_and_keeps_the_old_list_when_it_fails(tmp_path: Path) -> None:
    async def refreshed(session: Session) -> Choices:
        return await session.options("ask", "model", refresh=True)

    with scripted(models("old"), models("new"), response({"error": "x"}, 500)) as server:
        during(server.base_url, shown, tmp_path)
        assert names(during(server.base_url, refreshed, tmp_path)) == ["new"]
        kept = during(server.base_url, refreshed, tmp_path)
        assert names(kept) == ["new"] and "it could not be refreshed" in kept.message


def test_an_unchanged_list_is_renewed_by_its_etag(tmp_path: Path) -> None:
    unchanged = response(b"", 304, headers={"Cache-Control": "max-age=1000", "ETag": '"1"'})
    with scripted(models("one", ETag='"1"', Cache_Control="max-age=60"), unchanged) as server:
        during(server.base_url, shown, tmp_path)
        aged(tmp_path, 99999)
        assert during(server.base_url, shown, tmp_path) == ["one"]
        assert server.requests[1].headers["if-none-match"] == '"1"'
        aged(tmp_path, 900)
        assert during(server.base_url, shown, tmp_path) == ["one"]
        assert len(server.requests) == 2


def test_the_age_that_a_proxy_tells_counts(tmp_path: Path) -> None:
    told = {"Cache_Control": "max-age=300, stale-while-revalidate=0", "Age": "299"}
    with scripted(models("old", **told), models("new")) as server:
        during(server.base_url, shown, tmp_path)
        aged(tmp_path, 2)
        assert during(server.base_url, shown, tmp_path) == ["new"]


def test_what_must_not_be_stored_is_not(tmp_path: Path) -> None:
    with scripted(models("one", Cache_Control="no-store")) as server:
        during(server.base_url, shown, tmp_path)
    assert list(tmp_path.glob("*.json")) == []


def test_a_failure_is_not_tried_again_at_every_keystroke(tmp_path: Path) -> None:
    async def thrice(session: Session) -> list[Choices]:
        return [await session.options("ask", "model") for _ in range(3)]

    with scripted(CLOSES) as server:
        assert all(choices.message for choices in during(server.base_url, thrice, False))
        assert len(server.requests) == 1


def test_each_key_and_each_server_has_lists_of_its_own(tmp_path: Path) -> None:
    with scripted(models("mine"), models("yours")) as server:
        assert during(server.base_url, shown, tmp_path) == ["mine"]
        assert during(server.base_url, shown, tmp_path, TOKEN[::-1]) == ["yours"]


def test_no_key_is_in_the_cache(tmp_path: Path) -> None:
    with scripted(models("one")) as server:
        during(server.base_url, shown, tmp_path)
    for file in tmp_path.rglob("*"):
        assert TOKEN not in file.name and TOKEN not in file.read_text()


DAMAGED = [
    "", "{", "[]", "null", '{"rows": 1}', '{"x": 1}', "\x00" * 99, "[" * 5000,
    '{"rows": [], "fetched": NaN}', '{"rows": [], "fetched": 1e999}',
    '{"rows": [], "fetched": ' + "9" * 400 + "}", '{"rows": [], "fetched": 1, "derived": 5}',
    '{"rows": [], "fetched": 1, "etag": 5}', '{"rows": [], "fetched": 1, "etag": "é"}',
]  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGED, ids=range(len(DAMAGED)))
def test_a_damaged_file_counts_as_none(tmp_path: Path, damage: str) -> None:
    with scripted(models("one"), models("two")) as server:
        during(server.base_url, shown, tmp_path)
        (file,) = tmp_path.glob("*.json")
        file.write_text(damage)
        assert during(server.base_url, shown, tmp_path) == ["two"]
        assert json.loads(file.read_text())["rows"][0]["id"] == "two"


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with scripted(models("one")) as server:
        assert during(server.base_url, shown, tmp_path / "file") == ["one"]


def test_lists_that_nobody_requested_in_a_month_are_swept_away(tmp_path: Path) -> None:
    old = tmp_path / "0123.json"
    old.write_text("{}")
    os.utime(old, (time.time() - 31 * 86400,) * 2)
    with scripted(models("one")) as server:
        during(server.base_url, shown, tmp_path)
    assert not old.exists() and len(list(tmp_path.glob("*.json"))) == 1
    assert [file for file in tmp_path.iterdir() if file.suffix == ".tmp"] == []


def test_nothing_is_left_of_a_list_that_could_not_be_written(tmp_path: Path) -> None:
    with scripted(models("one")) as server:
        during(server.base_url, shown, tmp_path)
        (file,) = tmp_path.glob("*.json")
        file.unlink()
        file.mkdir()
        assert during(server.base_url, shown, tmp_path) == ["one"]
    assert list(tmp_path.iterdir()) == [file]


def test_a_list_from_the_future_is_requested_first(tmp_path: Path) -> None:
    with scripted(models("old"), models("new")) as server:
        during(server.base_url, shown, tmp_path)
        aged(tmp_path, -86400)  # the clock was ahead, and has been set back
        assert during(server.base_url, shown, tmp_path) == ["new"]


@pytest.mark.parametrize("told", ["no-cache", "no-store", "no-cache, stale-while-revalidate=60"])
def test_a_list_that_passes_is_requested_each_time(told: str) -> None:
    async def twice(session: Session) -> Any:
        return [await shown(session), await shown(session)]

    with scripted(models("old", Cache_Control=told), models("new")) as server:
        assert during(server.base_url, twice, False) == [["old"], ["new"]]


def test_lists_are_kept_by_many_threads_at_once() -> None:
    lists = ListCache(False)

    async def use(name: int) -> None:
        for i in range(500):
            await lists.put(f"{name} {i}", CachedList([], time.time()))

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as threads:
            for done in [threads.submit(asyncio.run, use(name)) for name in range(8)]:
                done.result()
    finally:
        sys.setswitchinterval(before)


@pytest.mark.anyio
async def test_what_is_read_from_disk_makes_room_as_well(tmp_path: Path) -> None:
    names, one = [f"{i}" for i in range(MAXIMUM + 1)], CachedList([], time.time())
    for name in names:
        await ListCache(tmp_path).put(name, one)
    lists = ListCache(tmp_path)
    for name in names:
        assert await lists.get(name) == one
    assert await lists.get(names[0], disk=False) is None
    assert await lists.get(names[1], disk=False) == one


@pytest.mark.anyio
async def test_an_old_file_does_not_take_the_place_of_a_newer_list(tmp_path: Path) -> None:
    pipe = tmp_path / "key.json"
    os.mkfifo(pipe)  # a file that takes its time
    lists, new = ListCache(tmp_path), CachedList([{"id": "new"}], time.time())
    reading = asyncio.create_task(lists.get("key"))
    await asyncio.sleep(0)
    await lists.put("key", new, disk=False)
    old = json.dumps({"rows": [{"id": "old"}], "fetched": time.time()})
    await asyncio.to_thread(pipe.write_text, old)
    assert await reading == new
    assert await lists.get("key") == new


def test_a_form_uses_the_list_of_the_dropdown(tmp_path: Path) -> None:
    async def both(session: Session) -> None:
        await session.options("ask", "model")
        await session.form("ask", {"model": "one", "userPrompt": "x"})

    with scripted(models("one")) as server:
        during(server.base_url, both, False)
        assert len(server.requests) == 1


def test_a_form_shows_everything_when_there_is_no_list() -> None:
    async def form(session: Session) -> Any:
        return await session.form("ask", {"model": "one", "userPrompt": "x"})

    with scripted(response({"error": "x"}, 500)) as server:
        drawn = during(server.base_url, form, False)
    assert drawn.disabled == {} and "temperature" in drawn.visible


DRAW = {"model": "a/b", "imageMessages": [{"content": "A boat"}]}
DRAWN = completion("") | {
    "choices": [
        {
            "finish_reason": "stop",
            "message": {"images": [{"image_url": {"url": "data:image/png;base64,AAAA"}}]},
        }
    ]
}


def test_a_list_that_cannot_be_loaded_is_reported_where_the_call_hangs_on_it(
    tmp_path: Path,
) -> None:
    async def drawn(session: Session) -> Any:
        return (await session.perform("createImage", DRAW)).metadata.warnings

    with scripted(response({"error": "x"}, 500), response(DRAWN)) as server:
        (told,) = during(server.base_url, drawn, False)
        assert [request.path for request in server.requests] == [
            "/api/v1/images/models",
            "/api/v1/chat/completions",
        ]
    assert "the call may take another form" in told


def test_a_model_is_not_called_unknown_when_its_list_cannot_be_had() -> None:
    async def checked(session: Session) -> Any:
        return await session.check("createImage", DRAW)

    with scripted(response({"error": "x"}, 500), models("another")) as server:
        found = during(server.base_url, checked, False)
        assert len(server.requests) == 1
    assert found.ok and "what the model supports is not known" in found.warnings[0]


@pytest.mark.parametrize(
    "body",
    [[{"id": "a/b"}], {"data": [{"id": "a/b"}]}, {"models": [{"id": "a/b"}]}, ["a/b"],
     {"data": [None, 5, {"id": "a/b"}, {"id": None}, {"id": ["x"]}, {}, [], {"id": True}]}],
    ids=["bare", "data", "models", "ids", "odd rows"],
)  # fmt: skip
def test_a_list_comes_in_more_than_one_shape(body: Any) -> None:
    with scripted(response(body)) as server:
        assert during(server.base_url, shown, False) == ["a/b"]


def test_failures_are_remembered_without_what_they_hold_on_to() -> None:
    async def searched(session: Session) -> list[Any]:
        for number in range(MAXIMUM + 30):
            await session.options("ask", "model", search=f"q{number}")
        assert session._services
        catalogue = session._services.catalogue
        return [catalogue._failed, catalogue._fetching]

    with scripted(response({"error": {"message": "down"}}, 500)) as server:
        failed, under_way = during(server.base_url, searched, False)
    assert len(failed) == MAXIMUM and under_way == {}
    for one in failed.values():
        assert "down" in one.error.message
        held = (one.error.__traceback__, one.error.__cause__, one.error.__context__, one.error.raw)
        assert held == (None, None, None, None)


@pytest.mark.parametrize("tag", ['"é"', "世界", "a\x01b"])
def test_an_etag_that_no_header_can_hold_is_left_out(tmp_path: Path, tag: str) -> None:
    body = b'{"data": [{"id": "one", "name": "one"}]}'
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nCache-Control: max-age=0\r\n"
    answer = Answer(
        (f"{head}Content-Type: application/json\r\nETag: {tag}\r\n\r\n".encode() + body,)
    )
    with scripted(answer) as server:
        for _ in range(2):
            assert during(server.base_url, shown, tmp_path) == ["one"]
    assert all("if-none-match" not in request.headers for request in server.requests)
