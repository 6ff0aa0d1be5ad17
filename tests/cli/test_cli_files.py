"""Files and long texts as parameters, and the exit code of a reported failure."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from support.audio import spoken, wav
from support.command import Command
from support.images import written
from support.scripted_server import response, scripted

PROMPT = ("prompt", "--json", "-p", "model=sandbox/echo", "-p", "prompt=Look")


def test_several_images_become_a_list(connected: Command) -> None:
    for name in ("a.png", "b.png"):
        Path(name).write_bytes(written(Image.new("RGB", (8, 8)), "PNG"))
    again = ("-p", "promptParameters.pics=@a.png", "-p", "promptParameters.pics=@b.png")
    places = ("-p", "promptParameters.pics[0]=@a.png", "-p", "promptParameters.pics[1]=@b.png")
    for pairs in (again, places):
        result = connected("run", *PROMPT, *pairs)
        assert "2 images" in result.json["output"]["output"], result.err


def test_a_list_may_contain_texts(connected: Command) -> None:
    pairs = ("-p", "promptParameters.names[0]=Ann", "-p", "prompt={{ $parameters.names }}")
    result = connected("run", *PROMPT, *pairs)
    assert '["Ann"]' in result.json["output"]["output"]


def test_a_long_text_is_read_from_a_file(connected: Command) -> None:
    Path("long.txt").write_text("A text of some length.")
    result = connected("run", *PROMPT[:4], "-p", "prompt=@long.txt")
    assert "A text of some length." in result.json["output"]["output"]
    assert "prompt: reading long.txt" in result.err


def test_a_text_that_is_not_a_path_stays_a_text(connected: Command) -> None:
    missing = connected("run", *PROMPT[:4], "-p", "prompt=@missing.txt")
    assert "prompt: there is no file missing.txt, so @missing.txt is sent as text" in missing.err
    result = connected("run", *PROMPT[:4], "-p", "prompt=@somebody says hello")
    assert "there is no file" not in result.err
    assert "@somebody says hello" in result.json["output"]["output"]


def test_a_reported_failure_sets_the_exit_code(connected: Command) -> None:
    result = connected("run", *PROMPT, "-p", "baseUrl=http://127.0.0.1:9/v1")
    assert result.code == 4
    assert "no connection to 127.0.0.1" in result.json["output"]["errorStatus"]


def test_a_single_word_becomes_a_list_of_one(connected: Command) -> None:
    result = connected("run", "listModels", "--json", "-p", "outputModalities=image")
    assert result.code == 0, result.err
    assert result.json["output"]


def test_digits_stay_a_text_if_only_text_is_valid(connected: Command) -> None:
    result = connected("run", "createEmbeddings", "--json", "-p", "model=sandbox/indexer",
                      "-p", "input=12")  # fmt: skip
    assert result.code == 0, result.err


def test_further_files_are_named_on_stderr(command: Command, tmp_path: Path) -> None:
    (tmp_path / "talk.wav").write_bytes(wav(spoken(2)))
    words = ("-p", "model=a/b", "-p", "file=@talk.wav", "-p", 'subtitles=["srt"]')
    answer = response({"text": "Hello", "segments": [{"text": "Hello", "start": 0, "end": 2}]})
    with scripted(answer) as server:
        result = command(
            *("run", "createTranscription", *words, "--output", "out/"),
            *("--base-url", server.base_url),
        )
    assert (result.code, result.out) == (0, "Hello\n")
    name = next(line for line in result.err.splitlines() if line.startswith("file: out/"))
    assert (tmp_path / name.removeprefix("file: ")).read_text().startswith("1\n00:00:00,")
