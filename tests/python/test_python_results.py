"""What a program and a notebook get of a result: its text, its cost, its files."""

from __future__ import annotations

import asyncio
import copy
import json
import pickle
from pathlib import Path

import pytest

import openrouter_connector
from openrouter_connector import (
    Choices,
    Connector,
    FileEntry,
    FileError,
    FileStore,
    Metadata,
    Result,
)
from support.performing import Perform

SPEECH = {"model": "sandbox/speaker", "voice": "alba", "input": "Hello!"}


@pytest.fixture
def spoken(perform: Perform) -> Result:
    return perform("createSpeech", SPEECH)


def test_dir_shows_the_public_names_and_nothing_else() -> None:
    assert dir(openrouter_connector) == sorted(openrouter_connector.__all__)
    assert all(getattr(openrouter_connector, name) for name in openrouter_connector.__all__)


def test_a_result_has_its_text_its_cost_and_its_files(perform: Perform, spoken: Result) -> None:
    answer = perform("ask", {"model": "sandbox/echo", "userPrompt": "Hi"})
    assert answer.text == answer.output and answer.text.endswith("You said: Hi")
    assert answer.cost == answer.metadata.cost is not None
    assert answer.files == ()
    assert spoken.files == (spoken.output,)
    assert spoken.text == str(spoken.output.path)
    assert json.loads(Result({"a": ["ü"]}, Metadata()).text) == {"a": ["ü"]}
    assert Result(None, Metadata()).text == ""


def test_a_file_of_a_result_is_read_and_saved(spoken: Result, tmp_path: Path) -> None:
    entry = spoken.files[0]
    assert entry.path and entry.read_bytes() == entry.path.read_bytes() != b""
    assert entry.save(tmp_path / "new" / "hello.mp3") == tmp_path / "new" / "hello.mp3"
    assert entry.save(str(tmp_path)) == tmp_path / "speech.mp3"
    assert entry.save(f"{tmp_path}/other/") == tmp_path / "other" / "speech.mp3"
    assert (tmp_path / "new" / "hello.mp3").read_bytes() == entry.read_bytes()
    content = entry.read_bytes()
    entry.save(entry.path)
    assert entry.read_bytes() == content
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == ["speech.mp3"]


def test_a_file_that_cannot_be_saved_says_so_and_leaves_nothing(
    spoken: Result, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match=r"speech\.mp3 cannot be saved as .*hello.mp3: "):
        spoken.files[0].save(tmp_path / "file" / "hello.mp3")


def test_a_file_in_a_bucket_has_no_path_and_can_be_read(perform: Perform, tmp_path: Path) -> None:
    entry = perform("createSpeech", SPEECH, files=FileStore("memory://bucket")).files[0]
    assert entry.path is None and entry.url.startswith("memory://")
    assert entry.save(tmp_path / "hello.mp3").read_bytes() == entry.read_bytes() != b""


def test_an_entry_of_json_finds_its_file_through_the_store(
    spoken: Result, store: FileStore
) -> None:
    entry = spoken.files[0]
    for bare in (FileEntry.of_json(entry.to_json()), copy.copy(entry), _pickled(entry)):
        assert bare == entry and bare.path is None
        with pytest.raises(FileError, match=r"session\.files\.entry"):
            bare.read_bytes()
        assert store.entry(bare).read_bytes() == entry.read_bytes()
    assert store.entry(entry.to_json()).path == entry.path
    with pytest.raises(FileError, match="is not in the file store"):
        store.entry({**entry.to_json(), "url": "file:///etc/passwd"}).read_bytes()


def test_a_file_has_four_keys_in_json_wherever_it_is_kept(spoken: Result) -> None:
    assert spoken.to_json()["output"].keys() == {"extension", "mimeType", "name", "url"}


def test_a_notebook_shows_text_escaped_with_the_cost(perform: Perform) -> None:
    prompt = "<script>alert(1)</script>"
    shown = shown_by(perform("ask", {"model": "sandbox/echo", "userPrompt": prompt}))
    assert prompt in shown["text/plain"] and prompt not in shown["text/html"]
    assert "&lt;script&gt;" in shown["text/html"]
    assert "sandbox/echo" in shown["text/html"] and "$0.0000" in shown["text/html"]


@pytest.mark.parametrize(
    ("action", "parameters", "element"),
    [
        (
            "createImage",
            {"model": "sandbox/painter", "imageMessages": [{"content": "A fox"}]},
            '<img src="data:image/png;base64,iVBOR',
        ),
        ("createSpeech", SPEECH, '<audio controls src="data:audio/mpeg;base64,'),
    ],
)
def test_a_notebook_shows_media(
    perform: Perform, action: str, parameters: dict[str, object], element: str
) -> None:
    result = perform(action, parameters)
    assert element in shown_by(result)["text/html"]
    assert element in shown_by(result.files[0])["text/html"]


def test_a_notebook_names_a_file_that_is_gone(spoken: Result) -> None:
    path = spoken.files[0].path
    assert path
    path.unlink()
    html = shown_by(spoken)["text/html"]
    assert "<audio" not in html and path.name in html


def test_a_notebook_shows_lists_as_tables(perform: Perform) -> None:
    models = shown_by(perform("listModels", {}))
    assert "<table" in models["text/html"] and "sandbox/echo" in models["text/html"]


def test_a_notebook_shows_a_check_and_options(connector: Connector) -> None:
    found = connector.check("ask", {"model": "<b>", "userPromt": "Hi"})
    assert "did you mean &#x27;userPrompt&#x27;?" in shown_by(found)["text/html"]

    async def listed() -> Choices:
        async with connector.connect(sandbox=True) as session:
            return await session.options("ask", "model", search="echo")

    assert "<td" in (html := shown_by(asyncio.run(listed()))["text/html"])
    assert "sandbox/echo" in html and "per million tokens" in html


def shown_by(value: object) -> dict[str, str]:
    bundle: dict[str, str] = value._repr_mimebundle_()  # type: ignore[attr-defined]
    assert bundle.keys() == {"text/plain", "text/html"} and bundle["text/plain"]
    return bundle


def _pickled(entry: FileEntry) -> FileEntry:
    loaded = pickle.loads(pickle.dumps(entry))
    assert isinstance(loaded, FileEntry)
    return loaded
