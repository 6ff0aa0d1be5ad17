"""Flows in a folder: every version kept, no save lost, no key stored."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from openrouter_connector import ConflictError
from openrouter_connector.errors import FileError, InputError
from openrouter_connector.flows.formats.flow import Flow
from openrouter_connector.flows.store import FlowStore, UnknownFlow


def flow(label: str = "Test", **more: Any) -> Flow:
    tasks = [{"name": "log_1", "type": "logger/v1/info", "parameters": {"text": "Hi"}}]
    return Flow.from_json({"label": label, "tasks": tasks, **more})


@pytest.fixture
def flows(tmp_path: Path) -> FlowStore:
    return FlowStore(tmp_path / "flows")


def test_a_flow_is_kept_as_it_was_with_all_its_versions(flows: FlowStore, tmp_path: Path) -> None:
    first = flows.create(flow("One", z=1, a={"ü": [1.5, None]}))
    second = flows.save(first.id, flow("Two"), 1)

    assert [second.version, flows.get(first.id).flow.label] == [2, "Two"]
    assert json.dumps(flows.get(first.id, 1).flow.document) == json.dumps(first.flow.document)
    assert [one.version for one in flows.versions(first.id)] == [2, 1]
    # Each version is a file that people can read and other programs can take.
    assert Flow.load(tmp_path / "flows" / first.id / "2.json") == flow("Two")


def test_the_list_has_the_last_saved_first(flows: FlowStore) -> None:
    ids = [flows.create(flow(label)).id for label in ("a", "b")]
    flows.save(ids[0], flow("a2"), 1)
    found = flows.list()

    assert [(one.id, one.label, one.version) for one in found] == [
        (ids[0], "a2", 2), (ids[1], "b", 1)
    ]  # fmt: skip
    assert FlowStore(flows._folder / "missing").list() == []


def test_an_equal_flow_makes_no_version(flows: FlowStore) -> None:
    stored = flows.create(flow())
    assert flows.save(stored.id, flow(), 1).version == 1


def test_a_stale_version_is_a_conflict_and_loses_nothing(flows: FlowStore) -> None:
    stored = flows.create(flow("One"))
    flows.save(stored.id, flow("Two"), 1)
    with pytest.raises(
        ConflictError, match="which is 2; nothing was stored: read version 2"
    ) as raised:
        flows.save(stored.id, flow("Late"), 1)

    assert raised.value.to_json()["version"] == 2
    assert [flows.get(stored.id, n).flow.label for n in (1, 2)] == ["One", "Two"]
    with pytest.raises(ConflictError):
        flows.delete(stored.id, 1)
    assert flows.get(stored.id).version == 2


def test_a_save_whose_answer_was_lost_can_be_sent_again(flows: FlowStore) -> None:
    id = flows.create(flow("One")).id
    for _ in range(2):
        assert flows.save(id, flow("Two"), 1).version == 2


def test_of_many_processes_that_save_at_once_one_wins_each_time(
    flows: FlowStore, tmp_path: Path
) -> None:
    id = flows.create(flow("0")).id
    script = f"""
from openrouter_connector import ConflictError
from openrouter_connector.flows.formats.flow import Flow
from openrouter_connector.flows.store import FlowStore
import sys
flows, saved = FlowStore({str(tmp_path / "flows")!r}), 0
while saved < 10:
    now = flows.get({id!r}).version
    try:
        flows.save({id!r}, Flow.from_json({{"label": sys.argv[1] + str(now), "tasks": []}}), now)
        saved += 1
    except ConflictError:
        pass
"""
    running = [subprocess.Popen([sys.executable, "-c", script, name]) for name in "ab"]
    assert [one.wait(60) for one in running] == [0, 0]
    versions = flows.versions(id)

    assert [one.version for one in versions] == list(range(21, 0, -1))
    assert {flows.get(id, one.version).flow.label[1:] for one in versions[:-1]} == {
        str(one.version - 1) for one in versions[:-1]
    }


def test_a_deleted_flow_is_gone(flows: FlowStore, tmp_path: Path) -> None:
    stored = flows.create(flow())
    flows.delete(stored.id, 1)
    with pytest.raises(UnknownFlow, match="does not exist"):
        flows.get(stored.id)
    assert [path.name for path in (tmp_path / "flows").iterdir()] == [".lock"]


@pytest.mark.parametrize(
    "id",
    ["", ".", "..", "../flows", "../../etc/passwd", "a/b", "aaaaaaaaaa", "a" * 999, "\0"],
)
def test_an_id_is_never_a_path(flows: FlowStore, tmp_path: Path, id: str) -> None:
    (tmp_path / "flows").mkdir()
    (tmp_path / "1.json").write_text('{"tasks": []}')
    (tmp_path / "flows" / "1.json").write_text('{"tasks": []}')
    for call in (flows.get, flows.versions, flows.delete, lambda id: flows.save(id, flow(), 1)):
        with pytest.raises(UnknownFlow):
            call(id)


@pytest.mark.parametrize("content", [b"", b"\xff", b'{"tasks": [', b"[]", b"x" * 11_000_000])
def test_a_damaged_file_is_reported_and_harms_no_other(
    flows: FlowStore, tmp_path: Path, content: bytes
) -> None:
    good, bad = flows.create(flow("Good")), flows.create(flow("Bad"))
    flows.save(bad.id, flow("Worse"), 1)
    file = tmp_path / "flows" / bad.id / "2.json"
    file.write_bytes(content)

    summaries = {one.id: one for one in flows.list()}
    assert summaries[good.id].problem is None
    assert str(file) in (summaries[bad.id].problem or "")
    with pytest.raises(FileError, match=r"is damaged \(.*; other versions: 1$"):
        flows.get(bad.id)
    assert flows.get(bad.id, 1).flow.label == "Bad"
    assert flows.save(bad.id, flow("Mended"), 2).version == 3
    assert flows.get(bad.id).flow.label == "Mended"


def test_foreign_files_are_no_flows(flows: FlowStore, tmp_path: Path) -> None:
    stored = flows.create(flow())
    for name in ("notes.txt", "aaaaaaaaaa", f"{stored.id}/0.json", f"{stored.id}/.x.tmp"):
        (tmp_path / "flows" / name).write_text("x")
    (tmp_path / "flows" / "bbbbbbbbbb").mkdir()
    assert [one.id for one in flows.list()] == [stored.id]
    assert [one.version for one in flows.versions(stored.id)] == [1]


def test_a_folder_in_place_of_a_version_is_a_damaged_version(
    flows: FlowStore, tmp_path: Path
) -> None:
    stored = flows.create(flow())
    (tmp_path / "flows" / stored.id / "2.json").mkdir()
    assert "is damaged: it is not a file" in (flows.list()[0].problem or "")


KEY = "sk-or-v1-0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize(
    ("more", "path"),
    [
        ({"tasks": [{"type": "a/v1/b", "parameters": {"x": [f"Bearer {KEY}"]}}]},
         "tasks[0].parameters.x[0]"),
        ({"metadata": {"note": f"{KEY}"}}, "metadata.note"),
        ({"headers": {"Authorization": f"{KEY[9:]}"}}, "headers.Authorization"),
        ({"tasks": [{"type": "openRouter/v1/prompt", "parameters": {"apiKey": KEY[9:]}}]},
         "tasks[0].parameters.apiKey"),
        ({KEY: 1}, ""),
    ],
)  # fmt: skip
def test_a_key_is_never_stored(flows: FlowStore, tmp_path: Path, more: Any, path: str) -> None:
    stored = flows.create(flow())
    for call in (flows.create, lambda one: flows.save(stored.id, one, 1)):
        with pytest.raises(InputError, match="never stored in a flow") as raised:
            call(Flow.from_json({"tasks": [], **more}))
        assert KEY not in str(raised.value)
        assert raised.value.problems[0].path.startswith(path)
    written = [path for path in (tmp_path / "flows").rglob("*") if path.is_file()]
    assert not any(KEY in path.read_text() for path in written)


def test_a_pill_may_stand_where_a_password_belongs(flows: FlowStore) -> None:
    step = {"type": "openRouter/v1/prompt", "parameters": {"apiKey": "${inputs.key}"}}
    assert flows.create(Flow.from_json({"tasks": [step]})).version == 1


def test_sizes_are_bounded(flows: FlowStore) -> None:
    with pytest.raises(InputError, match="larger than 10 MB"):
        flows.create(flow(text="x" * 11_000_000))
    deep: Any = []
    for _ in range(200):
        deep = [deep]
    with pytest.raises(InputError, match="more than 100 levels"):
        flows.create(flow(deep=deep))
    for value in ("\ud800", float("nan")):
        with pytest.raises(InputError, match=r"value: (holds half|is no number)"):
            flows.create(flow(value=value))
    assert flows.list() == []
    # Ten million bytes of small values are too large only with the space between them.
    assert flows.create(flow(values=[1] * 990_000)).version == 1


def test_a_folder_that_cannot_be_used_is_an_error_of_ours(tmp_path: Path) -> None:
    (tmp_path / "flows").write_text("a file")
    flows = FlowStore(tmp_path / "flows")
    with pytest.raises(FileError):
        flows.create(flow())
