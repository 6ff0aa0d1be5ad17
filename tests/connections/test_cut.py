"""A program may be killed at any moment: each connection is there whole, with its key, or gone."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from openrouter_connector.connections.store import ConnectionStore
from support.stored_connections import OTHER, TOKEN, work

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes as POSIX has them")

STEPS = {"open", "os.rename", "os.remove", "os.mkdir"}  # as Python audits what it asks of a disk
CUT = 9


def cut_anywhere(folder: Path, change: Callable[[ConnectionStore], None]) -> Iterator[int]:
    """Make a change in a process that dies before its first step, its second, and so on.

    The folder is as it was before each time; the last change is made to its end.
    """
    before = {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    for step in range(1000):
        if not (child := os.fork()):
            _die_before(step)
            change(ConnectionStore(folder))
            os._exit(0)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        yield step
        if code == 0:
            assert step > 3, "it was cut before"
            return
        assert code == CUT
        for file in folder.rglob("*"):
            if file.is_file():
                file.unlink()
        for file, content in before.items():
            file.write_bytes(content)
            file.chmod(0o600)
    raise AssertionError("it came to no end")


def _die_before(step: int) -> None:
    left = step

    def audit(event: str, _: object) -> None:
        nonlocal left
        if event in STEPS:
            left -= 1
            if left < 0:
                os._exit(CUT)

    sys.addaudithook(audit)


def shown(connections: ConnectionStore) -> list[tuple[str, bool, str | None]]:
    return [(one.name, one.default, one.problem) for one in connections.list()]


@pytest.mark.parametrize("pointer", ["by file", "by name, as it was before"])
def test_a_renamed_connection_has_its_old_name_or_its_new_one(
    connections: ConnectionStore, folder: Path, pointer: str
) -> None:
    connections.save(work())
    connections.save(work(OTHER, "other"))
    if pointer != "by file":
        (folder / "default").write_text("work")
    seen = set()
    for _ in cut_anywhere(folder, lambda store: store.rename("work", "home")):
        name = connections.default or ""
        assert sorted(shown(connections)) == sorted([(name, True, None), ("other", False, None)])
        assert connections.get(name).token == TOKEN
        seen.add(name)
    assert seen == {"work", "home"}


def test_a_replaced_connection_is_the_old_one_or_the_new_one(
    connections: ConnectionStore, folder: Path
) -> None:
    connections.save(work())
    seen = set()
    new = work(OTHER, title="New")
    for _ in cut_anywhere(folder, lambda store: store.save(new, replace=True)):
        assert shown(connections) == [("work", True, None)]
        seen.add(found := connections.get().token)
        assert found in (TOKEN, OTHER)
    assert seen == {TOKEN, OTHER}


def test_the_first_connection_is_the_default_as_soon_as_it_is_there(
    connections: ConnectionStore, folder: Path
) -> None:
    folder.mkdir()
    seen = []
    for _ in cut_anywhere(folder, lambda store: store.save(work())):
        seen.append(shown(connections))
        assert seen[-1] in ([], [("work", True, None)])
    assert seen[0] == [] and seen[-1] != []


def test_a_removed_connection_is_there_with_its_key_or_gone(
    connections: ConnectionStore, folder: Path
) -> None:
    connections.save(work())
    connections.save(work(OTHER, "other"))
    for _ in cut_anywhere(folder, lambda store: store.remove("work")):
        assert shown(connections) in (
            [("other", False, None), ("work", True, None)],
            [("other", False, None)],
            [("other", True, None)],
        )
        assert connections.get("other").token == OTHER
    # The only one that is left is the default.
    assert connections.default == "other" and len(list(folder.glob("keys/*"))) == 1


def test_the_default_is_one_or_the_other(connections: ConnectionStore, folder: Path) -> None:
    connections.save(work())
    connections.save(work(OTHER, "other"))
    seen = set()
    for _ in cut_anywhere(folder, lambda store: store.set_default("other")):
        seen.add(connections.default)
    assert seen == {"work", "other"}


def test_what_could_not_be_read_is_kept_whatever_happens(
    connections: ConnectionStore, folder: Path
) -> None:
    connections.save(work())
    (file,) = (folder / "connections").iterdir()
    record = json.loads(file.read_bytes()) | {"properties": {"baseUrl": 5}}
    file.write_text(damaged := json.dumps(record))
    for _ in cut_anywhere(folder, lambda store: store.save(work(OTHER))):
        held = [one.read_text() for one in (folder / "connections").iterdir()]
        assert damaged in held
    assert connections.get("work").token == OTHER
