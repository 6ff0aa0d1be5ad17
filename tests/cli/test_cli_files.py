"""Files and long texts on the command line, and the exit code of a failure that is reported."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from support.command import Command
from support.images import written

PROMPT = ("prompt", "--json", "-p", "model=sandbox/echo", "-p", "prompt=Look")


def test_several_pictures_make_a_list(connected: Command) -> None:
    for name in ("a.png", "b.png"):
        Path(name).write_bytes(written(Image.new("RGB", (8, 8)), "PNG"))
    again = ("-p", "promptParameters.pics=@a.png", "-p", "promptParameters.pics=@b.png")
    places = ("-p", "promptParameters.pics[0]=@a.png", "-p", "promptParameters.pics[1]=@b.png")
    for pairs in (again, places):
        ended = connected("run", *PROMPT, *pairs)
        assert "2 images" in ended.json["output"]["output"], ended.err


def test_a_list_may_hold_texts(connected: Command) -> None:
    pairs = ("-p", "promptParameters.names[0]=Ann", "-p", "prompt={{ $parameters.names }}")
    ended = connected("run", *PROMPT, *pairs)
    assert '["Ann"]' in ended.json["output"]["output"]


def test_a_long_text_is_read_from_a_file(connected: Command) -> None:
    Path("long.txt").write_text("A text of some length.")
    ended = connected("run", *PROMPT[:4], "-p", "prompt=@long.txt")
    assert "A text of some length." in ended.json["output"]["output"]
    assert "prompt: reading long.txt" in ended.err


def test_a_text_that_names_no_file_stays_a_text(connected: Command) -> None:
    ended = connected("run", *PROMPT[:4], "-p", "prompt=@somebody says hello")
    assert "@somebody says hello" in ended.json["output"]["output"]


def test_a_failure_that_is_reported_has_its_exit_code(connected: Command) -> None:
    ended = connected("run", *PROMPT, "-p", "baseUrl=http://127.0.0.1:9/v1")
    assert ended.code == 4
    assert "no connection to 127.0.0.1" in ended.json["output"]["errorStatus"]


def test_a_single_word_is_a_list_of_one_where_a_list_is_wanted(connected: Command) -> None:
    ended = connected("run", "listModels", "--json", "-p", "outputModalities=image")
    assert ended.code == 0, ended.err
    assert ended.json["output"]


def test_digits_are_a_text_where_only_texts_fit(connected: Command) -> None:
    ended = connected("run", "createEmbeddings", "--json", "-p", "model=sandbox/indexer",
                      "-p", "input=12")  # fmt: skip
    assert ended.code == 0, ended.err
