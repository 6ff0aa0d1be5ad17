"""`batch` and `compare`: rows of tables and files, what is refused, and how a command goes on."""

from __future__ import annotations

import io
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from openrouter_connector.sandbox import Sandbox
from support.command import Command, CommandResult
from support.runs import said

Json = Any


@pytest.fixture
def own_sandbox() -> Iterator[Sandbox]:
    """A sandbox of one test alone, whose requests it counts."""
    with Sandbox() as running:
        yield running


@pytest.fixture
def batch(connected: Command) -> Command:
    """Run `batch ask` with the sandbox's echo, over rows.csv, into out.jsonl."""

    def run(prompt: str, *more: str) -> CommandResult:
        given = dict.fromkeys(more)
        words = ["batch", "ask", prompt, "-m", "sandbox/echo", *more]
        words += [] if "--over" in given else ["--over", "rows.csv"]
        words += [] if "--output" in given else ["--output", "out.jsonl"]
        return connected(*words)

    return run


def table(count: int) -> None:
    Path("rows.csv").write_text("text\n" + "".join(f"row {number}\n" for number in range(count)))


def results(name: str = "out.jsonl") -> list[Json]:
    return [json.loads(line) for line in Path(name).read_text().splitlines()]


def paid(sandbox: Sandbox) -> int:
    return sum(one.method == "POST" for one in sandbox.requests)


def test_each_row_of_a_table_is_a_line_in_its_place(batch: Command) -> None:
    table(150)
    result = batch("${row.index}: ${row.text}")

    found = results()
    assert (result.code, result.out) == (0, "")
    assert [(one["row"], said(one["output"])) for one in found] == [
        (number, f"{number}: row {number}") for number in range(150)
    ]
    assert all(one["metadata"]["cost"] > 0 for one in found)
    assert "150 of 150 rows done" in result.err


def test_all_bad_rows_are_listed_before_anything_is_sent(
    batch: Command, own_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENROUTER_BASE_URL", own_sandbox.base_url)
    Path("rows.jsonl").write_text('{"text": "a", "t": 9}\n{"t": 1}\n{no}\n{"text": "b", "t": 1}\n')
    result = batch("${row.text}", "-p", "temperature=${row.t}", "--over", "rows.jsonl")

    assert result.code == 2 and not Path("out.jsonl").exists()
    _, first, second, third = result.err.splitlines()
    assert first.startswith("  row 0 (rows.jsonl line 1) temperature: ")
    assert second.startswith("  row 1 (rows.jsonl line 2) userPrompt: the row has no `text`")
    assert third.startswith("  row 2 (rows.jsonl line 3): is not JSON")
    assert paid(own_sandbox) == 0


@pytest.mark.parametrize(
    ("prompt", "more", "message"),
    [
        pytest.param("${rwo.text}", (), "`rwo` is unknown; did you mean 'row'?", id="name"),
        pytest.param("${file}", (), "the rows are no files", id="file"),
        pytest.param("${row.text}", ("-m", "sandbox/ecko"), "mean 'sandbox/echo'", id="model"),
        pytest.param("x", ("-p", "temprature=1"), "temprature", id="parameter"),
    ],
)  # fmt: skip
def test_what_no_row_can_be_sent_with_is_refused(
    batch: Command, prompt: str, more: tuple[str, ...], message: str
) -> None:
    table(2)
    result = batch(prompt, *more)
    assert result.code == 2 and message in result.err


def test_a_row_that_fails_has_its_error_beside_the_results(connected: Command) -> None:
    rows = [("a", "echo"), ("b", "null-content"), ("c", "echo")]
    Path("rows.csv").write_text("t,m\n" + "".join(f"{t},sandbox/{m}\n" for t, m in rows))
    words = ("batch", "ask", "${row.t}", "-m", "${row.m}", "--over", "rows.csv", "--json")
    result = connected(*words)
    *lines, end = map(json.loads, result.out.splitlines())

    assert result.code == 6
    assert [("error" in line, line["row"]) for line in lines] == [(False, 0), (True, 1), (False, 2)]
    assert lines[1]["error"]["type"] == "IncompleteError"
    assert (end["status"], end["done"], end["failed"]) == ("failed", 2, 1)
    assert end["cost"] == pytest.approx(
        sum(line.get("metadata", line.get("error"))["cost"] for line in lines)
    )


def test_the_first_failure_says_why_and_how_many_failed_so(connected: Command) -> None:
    models = ("never-json", "null-content", "echo", "null-content", "null-content")
    Path("rows.csv").write_text("m\n" + "".join(f"sandbox/{one}\n" for one in models))
    words = ("batch", "ask", "Hi", "-m", "${row.m}", "--over", "rows.csv", "--output")
    schema = 'response={"responseFormat": "JSON", "responseSchema": {"type": "object"}}'

    same = connected(*words, "a.jsonl").err
    assert "row 1 failed: the answer has no content (2 others failed the same way)" in same
    other = connected(*words, "b.jsonl", "-p", schema).err
    first = results("b.jsonl")[0]["error"]["message"]
    assert f"row 0 failed: {first}\n" in other, "quotes and the like are compared as they are"


def test_a_budget_stops_and_the_same_command_goes_on(batch: Command) -> None:
    table(100)
    first = batch("${row.text}", "--budget", "0.0003")
    ended = {one["row"]: one for one in results()}
    assert first.code == 4 and 0 < len(ended) < 100
    assert "the same command with a higher --budget" in first.err

    cost = sum(one.get("metadata", one.get("error"))["cost"] for one in ended.values())
    more = batch("${row.text}", "--budget", "0.0005")
    spent = re.search(r"the budget of \$0\.0005 .*\(\$([\d.]+) spent", more.err)
    assert more.code == 4 and spent and float(spent[1]) > cost, more.err
    same = batch("${row.text}", "--budget", "0.0001")
    assert "the budget of $0.0001 is spent ($0.000" in same.err

    second = batch("${row.text}", "--budget", "1")
    assert second.code == 0 and "Going on" in second.err
    found = results()
    assert [said(one["output"]) for one in found] == [f"row {number}" for number in range(100)]
    assert [found[number] for number in ended] == list(ended.values()), "a row was sent again"


def test_a_command_that_has_ended_sends_nothing_and_writes_its_results_again(
    batch: Command, own_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENROUTER_BASE_URL", own_sandbox.base_url)
    table(3)
    batch("${row.text}")
    before, sent = results(), paid(own_sandbox)
    Path("out.jsonl").unlink()
    again = batch("${row.text}", "--concurrency", "2")

    assert (again.code, results(), paid(own_sandbox)) == (0, before, sent)
    assert "Nothing is sent" in again.err
    assert batch("${row.text}", "--restart").code == 0 and paid(own_sandbox) == sent + 3


def test_a_command_that_has_ended_shows_no_progress_again(batch: Command) -> None:
    table(20)
    words = ("${row.text}", "--via", "api")
    first, again = batch(*words), batch(*words)
    assert (first.code, again.code) == (0, 0)
    assert "job batch_" in first.err and "Nothing is sent" in again.err
    assert [line.partition(" · ")[0] for line in again.err.splitlines()[1:]] == [
        "20 of 20 rows done"
    ]


def test_rows_that_changed_and_results_of_another_command_are_refused(batch: Command) -> None:
    table(3)
    batch("${row.text}")
    before = results()
    other = batch("other ${row.text}")
    table(4)
    changed = batch("${row.text}")

    assert (other.code, changed.code, results()) == (2, 2, before)
    assert "no recorded run of this command wrote it" in other.err
    assert "rows.csv has changed since this command began (3 rows then, 4 now)" in changed.err


def test_results_that_cannot_be_written_are_refused_before_anything_is_sent(
    batch: Command, own_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENROUTER_BASE_URL", own_sandbox.base_url)
    table(2)
    sent = paid(own_sandbox)
    result = batch("${row.text}", "--output", "none/out.jsonl")
    assert (result.code, paid(own_sandbox)) == (5, sent) and "none/out.jsonl" in result.err
    assert batch("${row.text}", "--output", "x" * 300).code == 5


@pytest.mark.parametrize("name", ["rows.csv", "./rows.csv", "link.csv", "hard.csv"])
def test_a_table_of_the_rows_is_never_the_file_of_the_results(batch: Command, name: str) -> None:
    table(2)
    Path("link.csv").symlink_to("rows.csv")
    Path("hard.csv").hardlink_to("rows.csv")
    before = Path("rows.csv").read_text()
    for more in ((), ("--restart",), ("--restart", "--via", "api"), ("--dry-run",)):
        result = batch("${row.text}", "--output", name, *more)
        assert (result.code, Path("rows.csv").read_text()) == (2, before), more
        assert "is read by this command, and would be overwritten" in result.err


def test_what_is_sent_is_never_the_file_of_the_results(connected: Command) -> None:
    for name in ("a.txt", "b.txt", "own.txt"):
        Path(name).write_text("mine")
    models = ("-m", "sandbox/echo", "-m", "sandbox/vision")
    rows = ("--over", "[ab].txt", "--format", "files", "-p", "attachments=${file}", "--restart")
    own = ("-p", "attachments=@own.txt")
    refused = [
        connected("batch", "ask", "Hi", "-m", "sandbox/echo", *rows, "--output", "b.txt"),
        connected("compare", "ask", "Hi", *models, *rows, "--output", "b.txt"),
        connected("compare", "ask", "Hi", *models, *own, "--output", "own.txt"),
    ]
    assert [one.code for one in refused] == [2, 2, 2], [one.err for one in refused]
    assert all("is read by this command" in one.err for one in refused)
    assert {Path(name).read_text() for name in ("a.txt", "b.txt", "own.txt")} == {"mine"}


def test_a_column_of_texts_is_converted_to_numbers(batch: Command) -> None:
    Path("rows.csv").write_text("text,t,most\nHello,0.5,90\n")
    text = batch("${row.text}", "-p", "temperature=${row.t}")
    assert text.code == 2 and "temperature: must be a number, not text" in text.err
    numbers = ("-p", "temperature=${float(row.t)}", "-p", "maxTokens=${int(row.most)}")
    assert batch("${row.text}", *numbers).code == 0


def test_files_are_rows(batch: Command) -> None:
    for name in ("b", "a"):
        Path(f"{name}.txt").write_text(f"content of {name}")
    words = ("-p", "attachments=${file}", "--over", "*.txt", "--format", "files")
    result = batch("About ${row.name}", *words)

    assert result.code == 0, result.err
    assert [(one["file"], said(one["output"])) for one in results()] == [
        (f"{name}.txt", f"About {name}.txt\n{name}.txt:\n\ncontent of {name}") for name in "ab"
    ]


def test_lines_of_stdin_are_rows(batch: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"one\ntwo\n")))
    result = batch("${row.text}", "--over", "-", "--format", "lines", "--output", "-")
    assert [said(json.loads(line)["output"]) for line in result.out.splitlines()] == ["one", "two"]


def test_a_dry_run_counts_and_estimates(batch: Command) -> None:
    table(500)
    result = batch("${row.text}", "--dry-run", "--json")
    assert (result.code, result.json["rows"], result.json["checked"]) == (0, 500, 20)
    assert 0 < result.json["estimate"]["low"] < result.json["estimate"]["high"]
    assert not Path("out.jsonl").exists()


def test_a_batch_is_a_run_that_is_listed_shown_and_deleted(
    batch: Command, command: Command
) -> None:
    table(3)
    batch("${row.text}")
    [listed] = command("runs", "list", "--json").json
    assert (listed["label"], listed["status"]) == ("ask for rows.csv", "succeeded")
    shown = command("runs", "show", listed["id"], "--json").json
    assert shown["options"]["rows"]["count"] == 3 and shown["outputs"]["done"] == 3
    assert command("runs", "delete", listed["id"], "--yes").code == 0
    assert not [one for one in Path("files").glob("*") if "rows" in one.name]


def test_a_detached_batch_is_left_to_a_worker(batch: Command, command: Command) -> None:
    table(3)
    result = batch("${row.text}", "--detach")
    assert result.code == 0 and command("runs", "list", "--json").json[0]["status"] == "queued"


def test_an_action_has_its_command_and_its_default_model(
    connected: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"one\n")))
    assert connected("config", "set", "createEmbeddings.model", "sandbox/indexer").code == 0
    words = ("batch", "create-embeddings", "-p", "input=${row.text}", "--over", "-")
    result = connected(*words, "--format", "lines")
    assert result.code == 0 and json.loads(result.out)["row"] == 0, result.err


def test_a_row_whose_answer_broke_off_is_in_doubt_and_not_paid_again_by_itself(
    connected: Command, own_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENROUTER_BASE_URL", own_sandbox.base_url)
    table(2)
    words = ("batch", "ask", "${row.text}", "-m", "sandbox/drops-connection", "--over", "rows.csv")
    first = connected(*words, "--output", "out.jsonl", "--json")
    again = connected(*words, "--output", "out.jsonl", "--json")

    assert (first.code, again.code) == (6, 6), first.err
    assert json.loads(first.out)["doubtful"] == json.loads(again.out)["doubtful"] == [0, 1]
    assert paid(own_sandbox) == 2
    connected(*words, "--output", "out.jsonl", "--retry-doubtful")
    assert paid(own_sandbox) == 4


def test_the_text_is_that_of_the_only_item_where_an_action_takes_a_list(
    connected: Command,
) -> None:
    table(2)
    words = ("batch", "create-image", "A fox, ${row.text}", "-m", "sandbox/painter")
    result = connected(*words, "--over", "rows.csv", "--output", "out.jsonl")
    assert result.code == 0, result.err
    assert [one["output"]["mimeType"] for one in results()] == ["image/png"] * 2


# compare ------------------------------------------------------------------------------------------


def test_models_are_compared_with_their_figures(connected: Command) -> None:
    words = ("compare", "ask", "Hi ${row}", "-m", "sandbox/echo", "-m", "sandbox/null-content")
    result = connected(*words, "--json")
    good, bad = result.json["answers"]
    figures = result.json["models"]

    assert result.code == 6, "one of the answers is missing"
    assert [one["invalid"] for one in figures] == [0, 0], "no JSON was asked for"
    assert (good["model"], said(good["output"])) == ("sandbox/echo", "Hi ${row}")
    assert bad["error"]["type"] == "IncompleteError"
    assert [(one["answers"], one["failed"]) for one in figures] == [(1, 0), (1, 1)]
    assert figures[0]["cost"] == good["metadata"]["cost"] and figures[0]["tokens"]["out"] > 0
    table = connected(*words).out
    assert "── sandbox/echo" in table and "0 of 1" in table


def test_a_comparison_of_rows_is_a_page_that_shows_answers_as_text(connected: Command) -> None:
    Path("rows.csv").write_text("text\n<script>alert(1)</script>\nplain\n")
    result = connected(
        *("compare", "ask", "${row.text}", "-m", "sandbox/echo", "-m", "sandbox/null-content"),
        *("--over", "rows.csv", "--output", "page.html"),
    )  # fmt: skip
    page = Path("page.html").read_text()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page and "<script" not in page
    assert page.count("<tr><th>") == 4 and page.endswith("</html>\n"), result.err
    assert '<tr><th>0<pre class="figures">text: &lt;script&gt;' in page
    assert '<tr><th>1<pre class="figures">text: plain</pre></th>' in page


def test_the_page_shows_the_images_that_were_rows(connected: Command) -> None:
    Path("a fox.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    Path("notes.txt").write_text("about foxes")
    models = ("-m", "sandbox/echo", "-m", "sandbox/vision", "--format", "files")
    over = ("--over", "a fox.png", "notes.txt", "--output", "page.html")
    result = connected("compare", "ask", "${row.name}", *models, *over)
    page = Path("page.html").read_text()
    assert f'<th>0<img src="{Path("a fox.png").absolute().as_uri()}" alt="">' in page, result.err
    assert "a%20fox.png" in page and page.count("<img") == 1
    assert '<th>1<pre class="figures">notes.txt</pre></th>' in page


def test_the_page_of_one_prompt_shows_it_in_place_of_a_number(connected: Command) -> None:
    models = ("-m", "sandbox/echo", "-m", "sandbox/vision", "--output", "page.html")
    assert connected("compare", "ask", "Why <b>blue</b>?", *models).code == 0
    page = Path("page.html").read_text()
    assert "<thead><tr><th>Prompt</th>" in page
    assert '<tr><th><pre class="figures">Why &lt;b&gt;blue&lt;/b&gt;?</pre></th>' in page


def test_a_comparison_keeps_the_page_of_another_command(connected: Command) -> None:
    Path("rows.csv").write_text("text\nHello\n")
    Path("page.html").write_text("<p>paid for</p>")
    models = ("-m", "sandbox/echo", "-m", "sandbox/vision", "--output", "page.html")
    refused = [
        connected("compare", "ask", "${row.text}", *models, "--over", "rows.csv"),
        connected("compare", "ask", "${row.txet}", *models, "--over", "rows.csv", "--restart"),
        connected("compare", "ask", "Hi", *models, "-p", "temperature=hot"),
    ]
    assert [one.code for one in refused] == [2, 2, 2], [one.err for one in refused]
    assert Path("page.html").read_text() == "<p>paid for</p>"
    assert connected("compare", "ask", "Hi", *models).code == 0
    assert "paid for" not in Path("page.html").read_text()


def test_what_one_model_refuses_does_not_lose_the_answer_of_another(connected: Command) -> None:
    models = ("-m", "sandbox/painter", "-m", "sandbox/illustrator")
    result = connected("compare", "create-image", "A fox", *models, "-p", "quality=xhigh", "--json")
    refused, made = result.json["answers"]
    assert result.code == 6 and refused["error"]["path"] == "quality"
    assert made["output"]["mimeType"].startswith("image/")


def test_an_answer_that_is_not_the_json_that_was_asked_for_is_invalid(connected: Command) -> None:
    models = ("-m", "sandbox/echo", "-m", "sandbox/never-json")
    schema = ("-p", 'response={"responseFormat": "JSON", "responseSchema": {"type": "object"}}')
    result = connected("compare", "ask", "Hi", *models, *schema, "--json")
    assert [one["invalid"] for one in result.json["models"]] == [0, 1], result.err
    assert "Invalid" in connected("compare", "ask", "Hi", *models, *schema).out
    assert "Invalid" not in connected("compare", "ask", "Hi", *models).out


def test_answers_in_doubt_are_named_by_the_row_of_the_table_and_the_model(
    connected: Command,
) -> None:
    table(3)
    models = ("-m", "sandbox/echo", "-m", "sandbox/drops-connection")
    words = ("compare", "ask", "${row.text}", *models, "--over", "rows.csv", "--output", "a.jsonl")
    result = connected(*words)
    assert result.code == 6 and "3 of 6 answers done · 3 in doubt" in result.err
    doubts = ", ".join(f"{row} (sandbox/drops-connection)" for row in range(3))
    assert f"rows in doubt: {doubts}. They" in result.err
    assert connected(*words, "--json").json["doubtful"] == [0, 1, 2]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        pytest.param(
            ("compare", "create-speech", "Hi", "-m", "a", "-m", "b", "--voice", "alba"),
            "--voice; the parameter is written -p voice=… (", id="compare",
        ),
        pytest.param(
            ("batch", "ask", "Hi", "--over", "r.csv", "--provider.data-collection=deny"),
            "--provider.data-collection; the parameter is written -p provider.dataCollection=… (",
            id="nested",
        ),
        pytest.param(("compare", "ask", "Hi", "--ovr", "r.csv"), "did you mean '--over'", id="own"),
        pytest.param(("compare", "--voice", "alba"), "--voice", id="no-action"),
    ],
)  # fmt: skip
def test_a_flag_of_the_action_is_written_as_a_parameter(
    command: Command, words: tuple[str, ...], message: str
) -> None:
    words += () if "-m" in words else ("-m", "sandbox/echo")
    result = command(*words)
    assert result.code == 2 and message in result.err


def test_one_model_is_no_comparison(connected: Command) -> None:
    result = connected("compare", "ask", "Hi", "-m", "sandbox/echo")
    assert result.code == 2 and "two or more different models" in result.err
