"""Whatever lies where a connection should be is told, and takes no other down with it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from openrouter_connector import CredentialError
from openrouter_connector.connections.store import ConnectionStore
from support.stored_connections import OTHER, TOKEN, work

Json = Any

SCALARS = some.none() | some.booleans() | some.integers() | some.floats() | some.text()
VALUES = some.recursive(
    SCALARS,
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(), inner, max_size=3),
    max_leaves=6,
)
FIELDS = ("name", "component", "properties", "created", "private", "token")
INNER = {
    "properties": ("baseUrl", "allowHttp", "referer", "title", "categories", "colour"),
    "token": ("text", "key", "held"),
}
PLACES = [*((field,) for field in FIELDS), *((f, i) for f in INNER for i in INNER[f])]


@settings(max_examples=60, deadline=None)
@given(some.sampled_from(PLACES), VALUES, some.booleans())
def test_any_value_in_any_field_costs_one_connection_at_most(
    place: tuple[str, ...], value: Json, drop: bool
) -> None:
    with TemporaryDirectory() as folder:
        connections = ConnectionStore(folder)
        connections.save(work(title="An App"))
        connections.save(work(OTHER, "home"))
        file = next(Path(folder, "connections").glob("work-*"))
        record = json.loads(file.read_bytes())
        *outer, last = place
        holder = record[outer[0]] if outer else record
        holder[last] = value
        if drop:
            del holder[last]
        file.write_text(json.dumps(record))

        survives(connections, file)


def deep(inner: str) -> str:
    return "[" * 900 + inner + "]" * 900


RECORD = '{{"name": "work", "properties": {}, "created": "", "token": null}}'
TEXTS = {
    "nothing": b"",
    "null": b"null",
    "not UTF-8": b"\xff\xfe\xff",
    "NUL": b'{"name": "wo\x00rk"}',
    "half": b'{"name": "work", "prop',
    "very deep": b"[" * 200_000,
    "deep inside": RECORD.format(f'{{"baseUrl": {deep("1")}, "title": {deep("1")}}}').encode(),
    "deep categories": RECORD.format(f'{{"categories": {deep("1")}}}').encode(),
    "a number of 5000 digits": RECORD.format(f'{{"baseUrl": {"9" * 5000}}}').encode(),
    "huge": b" " * 3_000_000 + b"{}",
    "half a character": RECORD.format('{"baseUrl": "\\ud800", "title": "\\ud800"}').encode(),
    "a colour of a terminal": RECORD.replace('"work"', '"\\u001b[31mwork"').format("{}").encode(),
    "no key": RECORD.format("{}").encode(),
    "twice": b'{"name": "home", "properties": {}, "created": "", "token": null}',
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_any_text_costs_one_connection_at_most(
    connections: ConnectionStore, folder: Path, text: bytes
) -> None:
    file = two(connections, folder)
    file.write_bytes(text)
    assert survives(connections, file) == text


def folder_in_place(file: Path) -> None:
    file.mkdir()
    (file / "more").write_text("more")


THINGS: dict[str, Callable[[Path], object]] = {
    "a folder": folder_in_place,
    "a link to nothing": lambda file: file.symlink_to("nowhere"),
    "a link to itself": lambda file: file.symlink_to(file.name),
    "a link to a device": lambda file: file.symlink_to("/dev/zero"),
    "a link to another connection": lambda file: file.symlink_to(next(file.parent.glob("home*"))),
    "a pipe": os.mkfifo,
}


@pytest.mark.parametrize("make", THINGS.values(), ids=THINGS)
def test_anything_in_place_of_a_file_costs_one_connection_at_most(
    connections: ConnectionStore, folder: Path, make: Callable[[Path], object]
) -> None:
    file = two(connections, folder)
    file.unlink()
    make(file)
    survives(connections, file)
    assert connections.get("home").token == OTHER


@pytest.mark.parametrize("make", THINGS.values(), ids=THINGS)
def test_anything_in_place_of_a_file_can_be_removed(
    connections: ConnectionStore, folder: Path, make: Callable[[Path], object]
) -> None:
    file = two(connections, folder)
    file.unlink()
    make(file)
    connections.remove(next(one.name for one in connections.list() if one.name != "home"))
    assert [(one.name, one.problem) for one in connections.list()] == [("home", None)]


@pytest.mark.parametrize("make", THINGS.values(), ids=THINGS)
@pytest.mark.parametrize("place", ["default", "keys"])
def test_anything_in_place_of_another_file_is_no_crash(
    connections: ConnectionStore, folder: Path, make: Callable[[Path], object], place: str
) -> None:
    file = two(connections, folder)
    record = json.loads(file.read_bytes())
    other = (
        folder / "default" if place == "default" else folder / f"keys/{record['token']['key']}.key"
    )
    if make is THINGS["a link to another connection"]:
        pytest.skip("no connection lies beside it")
    other.unlink()
    make(other)
    told = {one.name: one.problem for one in connections.list()}
    assert set(told) == {"home", "work"} and told["home"] is None
    assert bool(told["work"]) == (place == "keys")
    assert connections.get("home").token == OTHER


def two(connections: ConnectionStore, folder: Path) -> Path:
    """Store two connections, and give the file of `work`."""
    connections.save(work())
    connections.save(work(OTHER, "home"))
    return next((folder / "connections").glob("work-*"))


def survives(connections: ConnectionStore, file: Path) -> bytes:
    """Hold a store to its word about a file; give what became of it when it was bad."""
    listed = connections.list()
    assert ("home", None) in [(one.name, one.problem) for one in listed]
    assert connections.get("home").token == OTHER
    json.dumps([one.to_json() for one in listed])
    bad = [one for one in listed if one.problem]
    assert all("openrouter-connector connect" in (one.problem or "") for one in bad)
    assert all(one.name.isprintable() for one in listed)
    for one in listed:
        if one.problem:
            with pytest.raises(CredentialError):
                connections.get(one.name)
        elif one.component == "openRouter":
            assert connections.get(one.name).token in (TOKEN, OTHER)
    assert connections.default in (None, *(one.name for one in listed))

    good = "work" in connections and not bad
    before = file.read_bytes() if file.is_file() and not file.is_symlink() else b""
    connections.save(work(OTHER), replace=True)
    assert connections.get("work").token == OTHER and connections.get("home").token == OTHER
    kept = list(file.parent.glob("*.kept-1"))
    assert len(kept) == (
        0 if good else len([one for one in bad if one.name in ("work", file.stem)])
    )
    return kept[0].read_bytes() if kept and before else before
