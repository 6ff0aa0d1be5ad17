"""`run` of a flow, `runs` and `worker`: in this process, and as processes that are killed."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from openrouter_connector.connections.store import ConnectionStore, StoredConnection
from openrouter_connector.sandbox import Sandbox
from support.command import Command, last_run
from support.flows import ask, saved, task
from support.images import noise, written
from support.runs import ECHO, echo

TEXT = {"name": "text", "type": "string", "required": True}


# run ----------------------------------------------------------------------------------------------


def test_a_single_text_is_printed_plainly_and_the_steps_to_stderr(connected: Command) -> None:
    file = saved(echo("a", "${text}"), echo("b", "x"), inputs=[TEXT],
                 outputs=[{"name": "answer", "value": "${a}"}])  # fmt: skip
    result = connected("run", file, "--input", "text=Hello")

    assert (result.code, result.out) == (0, f"{ECHO}Hello\n")
    first, *steps = result.err.splitlines()
    assert first.startswith("Run ") and first.endswith(": Test")
    assert sorted(line.split(" in ")[0] for line in steps) == ["a: done", "b: done"]


def test_several_outputs_are_printed_by_their_names(connected: Command) -> None:
    outputs = [{"name": "count", "value": "=1 + 1"}, {"name": "list", "value": "${v}"}]
    file = saved(task("v", "var/v1/set", value=["x"]), outputs=outputs, name="flow.yaml")
    result = connected("run", file)

    assert (result.code, result.out) == (0, 'count: 2\n\nlist:\n[\n  "x"\n]\n')


def test_json_is_one_object(connected: Command) -> None:
    result = connected("run", saved(echo("a", "Hi")), "--json")

    assert (result.code, set(result.json)) == (0, {"run", "outputs", "cost"})
    assert result.json["outputs"] == {"a": f"{ECHO}Hi"} and result.json["cost"] > 0


def test_json_and_stream_are_lines_of_events_and_then_the_object(connected: Command) -> None:
    result = connected("run", saved(echo("a", "Hi")), "--json", "--stream")
    *events, end = map(json.loads, result.out.splitlines())

    kinds = [event["type"] for event in events]
    assert kinds[:2] == ["running", "started"] and kinds[-2:] == ["result", "ended"]
    assert "".join(event.get("text", "") for event in events) == f"{ECHO}Hi"
    assert end["outputs"] == {"a": f"{ECHO}Hi"}

    failed = connected("run", saved(echo("a", "${lost}")), "--json", "--stream")
    assert failed.code == 2 and len(failed.out.splitlines()) == 1 and failed.json["error"]


def test_streamed_text_goes_to_stderr(connected: Command) -> None:
    result = connected("run", saved(echo("a", "Hi")), "--stream")

    assert f"a:\n{ECHO}Hi\n" in result.err
    assert result.out == f"{ECHO}Hi\n"


def test_files_go_in_and_come_out_by_their_paths(connected: Command, tmp_path: Path) -> None:
    Path("photo.png").write_bytes(written(noise(8, 8), "PNG"))
    Path("words.txt").write_text("A lighthouse")
    file = saved(
        task("p", "openRouter/v1/createImage", model="sandbox/painter",
             imageMessages=[{"content": "${text}"}]),
        inputs=[TEXT, {"name": "photo", "type": "file_entry"}, {"name": "all", "type": "array"}],
        outputs=[{"name": name, "value": f"${{{name}}}"} for name in ("p", "photo", "all", "text")],
    )  # fmt: skip
    words = ("--input", "text=@words.txt", "--input", "photo=@photo.png",
             "--input", "all=@photo.png", "--input", "all=@photo.png")  # fmt: skip
    result = connected("run", file, *words, "--output", "out/", "--json")
    outputs = result.json["outputs"]
    assert outputs["text"] == "A lighthouse" and len(outputs["all"]) == 2
    for entry in (outputs["p"], outputs["photo"], *outputs["all"]):
        assert entry["url"].startswith(f"file://{tmp_path}/out/")

    shown = connected("runs", "show", last_run(connected)).out
    paths = [line.partition(": ")[2] for line in shown.splitlines() if ": files/" in line]
    assert len(paths) == 2 and all(Path(path).is_file() for path in paths)


def test_all_wrong_inputs_are_one_error(connected: Command) -> None:
    file = saved(echo("a", "${text}"), inputs=[TEXT, {"name": "count", "type": "integer"}])
    result = connected("run", file, "--inputs", '{"txt": 1, "count": "x"}')

    assert (result.code, result.out) == (2, "")
    assert sorted(result.err.splitlines()) == [
        "  inputs.count: must be of the type integer",
        "  inputs.text: is required (string)",
        "  inputs.txt: the flow has no such input; did you mean 'text'?",
        "error:",
    ]


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("--input", "text", "--input", "=x"), 2, "text: has no value; write --input NAME=VALUE"),
        (("--inputs", "[]"), 2, '--inputs: must be a JSON object, such as {"text": "Hello"}'),
        (("--inputs", "gone.json"), 2, "--inputs: gone.json cannot be read"),
        (("--input", "file=@gone.png"), 5, "file: gone.png does not exist"),
        (("--input", "file=gone.png"), 2, "requires a file: --input file=@PATH"),
        (("--only", "b"), 2, "only: there is no step 'b' at the top"),
        (("--pin", "aa=1"), 2, "pinned: there is no step 'aa' at the top; did you mean 'a'?"),
        (("--pin", "a"), 2, "a: has no value; write --pin STEP=JSON"),
        (("-p", "text=x"), 2, "`run` takes its inputs with --input NAME=VALUE"),
    ],
)
def test_wrong_options_of_a_flow_are_clear_errors(
    connected: Command, words: tuple[str, ...], code: int, message: str
) -> None:
    inputs = [{"name": "text"}, {"name": "file", "type": "file_entry"}]
    result = connected("run", saved(echo("a", "x"), inputs=inputs), *words)

    assert (result.code, result.out) == (code, "") and message in result.err


def test_an_action_takes_no_options_of_flows(command: Command) -> None:
    result = command("run", "ask", "--input", "a=b", "--detach")

    assert result.code == 2
    assert "--input: is for flows only" in result.err and "--detach: is for flows" in result.err


def test_what_is_no_flow_is_refused(command: Command) -> None:
    Path("flow.json").write_text('{"name": "x", "type": "slack/v1/send"}')
    assert command("run", "flow.json", "--sandbox").code == 2

    result = command("run", saved(task("s", "slack/v1/send")), "--sandbox")
    assert result.code == 2 and "tasks[0].type: 'slack/v1/send' does not run here" in result.err


def test_one_step_runs_with_pinned_outputs(connected: Command) -> None:
    file = saved(echo("a", "x"), echo("b", "${a.title}"), outputs=[{"name": "o", "value": "${a}"}])
    result = connected("run", file, "--only", "b", "--pin", 'a={"title": "Tea"}', "--json")

    assert result.json["outputs"] == {"b": f"{ECHO}Tea"}


def test_a_failure_has_the_exit_code_of_its_error_and_a_way_out(connected: Command) -> None:
    file = saved(echo("a", "x"), ask("f", "${a}", model="sandbox/no-credits"))
    text, data = connected("run", file), connected("run", file, "--json")

    assert text.code == data.code == 4
    assert "error: the step 'f' failed: " in text.err
    run = text.err.split()[1].rstrip(":")
    assert text.err.endswith(f"To go on from there: openrouter-connector runs resume {run}\n")
    error = data.json["error"]
    assert (error["type"], error["step"], error["status"]) == ("FlowError", "f", "failed")
    assert error["error"]["type"] == "PaymentError"


def test_a_budget_stops_a_flow_and_keeps_what_is_done(connected: Command) -> None:
    result = connected("run", saved(echo("a", "x"), echo("b", "${a}")), "--budget", "0.000001")

    assert result.code == 4 and "a: done" in result.err
    assert "--budget USD" in result.err


# the database -------------------------------------------------------------------------------------


def test_a_database_that_cannot_be_used_is_one_error(command: Command) -> None:
    Path("text.db").write_text("no database, but a text " * 100)
    for url in ("text.db", "postgresql://u:secret-word@127.0.0.1:1/x", "/proc/nowhere/x.db"):
        result = command("runs", "list", "--database", url)
        assert (result.code, result.out, result.err.count("\n")) == (5, "", 1)
        assert "secret-word" not in result.err

    result = command("runs", "list", "--database", "mysql://x/y")
    assert result.code == 2 and "SQLite or PostgreSQL" in result.err


def test_a_newer_database_is_refused_and_not_changed(connected: Command) -> None:
    connected("run", saved(task("v", "var/v1/set", value=1)), "--database", "runs.db")
    with sqlite3.connect("runs.db") as database:
        database.execute("UPDATE flow_tables_version SET version = 99")
    database.close()
    for words in (("runs", "list"), ("run", "flow.json"), ("worker",)):
        result = connected(*words, "--database", "runs.db")
        assert result.code == 5 and "of version 99, and this program knows" in result.err


# runs ---------------------------------------------------------------------------------------------


def test_a_run_can_be_looked_at_run_again_and_deleted(connected: Command) -> None:
    assert "No runs yet." in connected("runs", "list").err
    file = saved(echo("a", "one"), echo("b", "${a}"), label="A flow with a long name " * 4)
    connected("run", file)
    run = last_run(connected)

    table = connected("runs", "list").out.splitlines()
    assert sum(run in line and line.count("A flow with a long name") == 4 for line in table) == 1
    assert connected("runs", "list", "--status", "failed", "--json").json == []
    shown = connected("runs", "show", run[:6]).out
    assert run in shown and "succeeded" in shown and f"a:\n{ECHO}one" in shown
    data = connected("runs", "show", run, "--json").json
    assert [step["state"] for step in data["steps"]] == ["done", "done"]
    watched = connected("runs", "watch", run, "--json")
    assert watched.json["run"] == run and "b: done" in watched.err

    again = connected("runs", "rerun", run, "--from", "b", "--json")
    assert again.json["outputs"] == watched.json["outputs"] and "a: done" not in again.err
    unknown = connected("runs", "rerun", run, "--from", "c")
    assert unknown.code == 2 and "they are a, b" in unknown.err

    finished = connected("runs", "cancel", run)
    assert finished.code == 0 and "has ended before: succeeded" in finished.err
    succeeded = connected("runs", "resume", run, "--sandbox")
    assert succeeded.code == 2 and "has succeeded" in succeeded.err
    assert "costs" in connected("runs").out
    assert connected("runs", "delete", run, "--json").json == {"deleted": run}
    assert connected("runs", "show", run).code == 2


def test_old_runs_are_deleted(connected: Command) -> None:
    connected("run", saved(task("v", "var/v1/set", value=1)))
    for words, deleted in ((("30d", "--json"), 0), (("0h", "--json", "--yes"), 1)):
        assert connected("runs", "delete", "--older-than", *words).json == {"deleted": deleted}
    assert connected("runs", "list", "--json").json == []
    for wrong in ((), ("x", "--older-than", "3d"), ("--older-than", "3y")):
        assert connected("runs", "delete", *wrong).code == 2


def test_an_unknown_run_is_named_with_a_suggestion(connected: Command) -> None:
    connected("run", saved(task("v", "var/v1/set", value=1)))
    run = last_run(connected)
    for words in (("show",), ("watch",), ("cancel",), ("resume",), ("delete", "--yes")):
        name, *more = words
        result = connected("runs", name, f"{run[:-2]}zz", *more)
        assert result.code == 2 and f"did you mean {run!r}?" in result.err


def test_costs_are_summed_in_groups(connected: Command) -> None:
    assert "Nothing was spent." in connected("runs", "costs").err
    connected("run", saved(echo("a", "x"), echo("b", "x"), label="Two"))
    rows = connected("runs", "costs", "--by", "flow,action", "--since", "7d", "--json").json
    assert [(row["flow"], row["action"], row["steps"]) for row in rows] == [("Two", "ask", 2)]
    table = connected("runs", "costs", "--by", "model").out
    assert "sandbox/echo" in table and table.endswith(" in all\n")
    assert connected("runs", "costs", "--since", "2999-01-01", "--json").json == []
    wrong = connected("runs", "costs", "--since", "yesterday")
    assert wrong.code == 2 and "write 12h, 7d, 4w or a date" in wrong.err
    assert "one of day, model, action, flow" in connected("runs", "costs", "--by", "x").err


def test_a_run_is_resumed_by_its_stored_connection(command: Command, sandbox: Sandbox) -> None:
    store = ConnectionStore()
    store.save(StoredConnection("work", sandbox.token, {"baseUrl": sandbox.base_url}))
    store.save(StoredConnection("other", "sk-or-v1-x", {"baseUrl": "http://127.0.0.1:9/api/v1"}))
    store.set_default("other")
    file = saved(ask("f", "x", model="sandbox/no-credits"))
    assert command("run", file, "--connection", "work").code == 4
    run = last_run(command)

    assert command("runs", "resume", run).code == 4  # from `work` again, not from the default
    elsewhere = command("runs", "resume", run, "--connection", "other")
    assert elsewhere.code == 2 and f"called {sandbox.base_url} (its connection" in elsewhere.err
    store.remove("work")
    gone = command("runs", "resume", run)
    assert gone.code == 3 and "'work'" in gone.err
    assert command("runs", "show", run, "--json").json["status"] == "failed"


def test_a_run_of_the_sandbox_is_resumed_in_a_new_one(command: Command) -> None:
    file = saved(echo("a", "x"), ask("f", "${a}", model="sandbox/no-credits"))
    assert command("run", file, "--sandbox").code == 4
    for words in ((), ("--sandbox",)):
        result = command("runs", "resume", last_run(command), *words)
        assert result.code == 4 and "a: done" not in result.err
        assert ("a new one is started" in result.err) == (not words)


# processes ----------------------------------------------------------------------------------------


def test_a_missing_extra_is_named() -> None:
    file = saved(echo("a", "x"))
    code = (
        "import sys; from openrouter_connector.faces.cli import main; sys.modules['dbos'] = None\n"
        f"for words in {[['run', file, '--sandbox'], ['runs', 'list'], ['worker']]!r}: main(words)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.stderr.count("pip install 'openrouter-connector[flows]'") == 3


@pytest.mark.parametrize("words", [("runs",), ("runs", "list"), ("worker",)])
def test_help_of_runs_imports_no_engine(words: tuple[str, ...]) -> None:
    code = (
        "import sys; from openrouter_connector.faces.cli import main\n"
        f"main({[*words, '--help']!r})\n"
        "print({'dbos', 'sqlalchemy', 'pydantic'} & set(sys.modules))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.endswith("set()\n")


def test_an_action_imports_no_engine(sandbox: Sandbox) -> None:
    words = ["run", "ask", "-p", "model=sandbox/echo", "-p", "userPrompt=x"]
    code = (
        "import sys; from openrouter_connector.faces.cli import main\n"
        f"main({words!r}); print({{'dbos', 'sqlalchemy'}} & set(sys.modules))"
    )
    environment = os.environ | {
        "OPENROUTER_BASE_URL": sandbox.base_url, "OPENROUTER_API_KEY": sandbox.token,
    }  # fmt: skip
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    assert result.stdout.endswith("set()\n")
