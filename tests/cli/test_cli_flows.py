"""`check`, `show`, `import` and `export` of flows, and `orc`, the short name of the command."""

from __future__ import annotations

import json
import sys
import tomllib
from importlib.util import find_spec
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from openrouter_connector import Flow
from openrouter_connector.faces.cli import COMMANDS, main
from support.command import Command
from support.flows import ask, flow, task

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "docs" / "examples" / "flows"
KEY = "sk-or-v1-" + "a1b2c3d4" * 8
needs_importers = pytest.mark.skipif(
    find_spec("openrouter_connector.flows.formats.importers") is None, reason="no importers yet"
)
needs_exporters = pytest.mark.skipif(
    find_spec("openrouter_connector.flows.formats.exporters") is None, reason="no exporters yet"
)


def echo(name: str, prompt: str, **more: Any) -> dict[str, Any]:
    return ask(name, prompt, model="sandbox/echo", **more)


def saved(*steps: Any, name: str = "flow.json", **more: Any) -> str:
    flow(*steps, **more).save(name)
    return name


# check --------------------------------------------------------------------------------------------


def test_check_finds_no_problems_in_a_good_flow(command: Command) -> None:
    result = command("check", saved(echo("a", "x"), echo("b", "${a}")))

    assert (result.code, result.out) == (0, "No problems found in 2 steps.\n")
    assert "the models were not checked and the cost is not known" in result.err


@pytest.mark.parametrize("name", ["flow.json", "flow.yaml"])
def test_check_lists_all_problems_of_a_flow(command: Command, name: str) -> None:
    file = saved(echo("a", "${lost}"), task("s", "slack/v1/sendMessage"), name=name)
    result = command("check", file)

    assert (result.code, result.out) == (2, "")
    assert result.err.splitlines() == [
        "error:",
        "  tasks[0].parameters.userPrompt: reads 'lost', which no step, input or trigger is called",
        "  tasks[1].type: 'slack/v1/sendMessage' does not run here",
    ]


def test_check_of_a_flow_is_json(command: Command) -> None:
    good = command("check", saved(echo("a", "x")), "--json")
    bad = command("check", saved(echo("a", "${lost}")), "--json")

    assert (good.code, good.json["canRun"], good.json["needs"]) == (0, True, {"a": []})
    assert (bad.code, bad.json["error"]["type"]) == (2, "InputError")
    assert bad.json["error"]["problems"][0]["path"] == "tasks[0].parameters.userPrompt"


def test_check_estimates_the_cost_of_a_flow(connected: Command) -> None:
    file = saved(task("l", "each/v1", items=[1, 2], iteratee=echo("a", "Hello", maxTokens=9)))
    text, data = connected("check", file), connected("check", file, "--json")

    whole, step = text.out.splitlines()[1:]
    assert whole.startswith("costs $")
    assert step.startswith("  a: ask, sandbox/echo: $") and step.endswith(", runs 2 times")
    assert data.json["estimate"]["steps"][0]["runs"] == {"low": 2, "high": 2}


def test_check_asks_the_catalogue_about_the_models_of_a_flow(connected: Command) -> None:
    result = connected("check", saved(ask("a", "x", model="sandbox/ecko")))

    assert result.code == 2
    assert "tasks[0].parameters.model: there is no model 'sandbox/ecko'" in result.err


def test_a_flow_and_an_action_are_read_from_stdin(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    for document, out in ((flow(echo("a", "x")).document, "No problems"), (echo("a", "x"), "POST")):
        monkeypatch.setattr(sys, "stdin", StringIO(json.dumps(document)))
        assert command("check", "-").out.startswith(out)


def test_a_flow_takes_no_parameters(command: Command) -> None:
    result = command("check", saved(echo("a", "x")), "-p", "model=x")

    assert result.code == 2 and "a flow takes no parameters here" in result.err


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"tasks": ', "is neither JSON nor YAML"),
        ("tasks: [", "is neither JSON nor YAML (line"),
        ("tasks: 3", "tasks: must be a list of steps"),
    ],
)
def test_what_is_no_flow_is_one_clear_error(command: Command, text: str, message: str) -> None:
    Path("flow.yaml").write_text(text)
    for name in ("check", "show"):
        result = command(name, "flow.yaml")
        assert result.code == 2 and message in result.err


def test_a_missing_file_is_an_error_of_files(command: Command) -> None:
    assert command("check", "gone.yaml").code == command("show", "gone.json").code == 5


# show ---------------------------------------------------------------------------------------------


def test_show_draws_a_flow(command: Command) -> None:
    result = command("show", str(EXAMPLES / "image-critique.yaml"))

    assert result.code == 0
    assert result.out.splitlines()[:8] == [
        "An image that is criticised until it is good",
        "├─ brief     input, string",
        "├─ prompt    var",
        "│     value ◀ brief",
        "├─ best      var",
        "├─ attempts  loop: =range(1, 3)",
        "│  ├─ picture   Create Image, bytedance-seed/seedream-4.5",
        "│  │     imageMessages[0].content ◀ prompt",
    ]
    assert "│     ├─ if true" in result.out


def test_show_names_the_cases_of_a_branch(command: Command) -> None:
    cases = [{"key": "tech", "tasks": [echo("a", "x")]}]
    file = saved(
        task("b", "branch/v1", expression="${kind}", cases=cases, default=[echo("c", "x")]),
        inputs=[{"name": "kind"}],
    )
    drawn = command("show", file).out
    assert "b     branch: ${kind}" in drawn
    assert "case tech" in drawn and "otherwise" in drawn


def test_show_of_a_flow_is_json(command: Command) -> None:
    shown = command("show", saved(echo("a", "x"), echo("b", "${a}")), "--json").json

    assert shown["steps"][1] == {
        "name": "b", "place": "tasks[1]", "type": "openRouter/v1/ask", "label": "b",
        "container": None, "slot": "tasks", "action": "Ask", "model": "sandbox/echo",
        "reads": {"userPrompt": ["a"]},
    }  # fmt: skip


def test_a_picture_is_as_wide_as_the_terminal() -> None:
    from openrouter_connector.flows.formats.picture import flow_picture

    drawn = flow_picture(Flow.load(EXAMPLES / "read-invoices.yaml"), width=40)
    assert max(map(len, drawn.splitlines())) == 40


def test_no_key_in_a_flow_is_printed(command: Command) -> None:
    step = task("c", "condition/v1", rawExpression=True, expression=f"x == '{KEY}", caseTrue=[])
    file = saved(step, ask("a", f"=oops('{KEY}')"))
    for words in (("check", file), ("check", file, "--json"), ("show", file), ("show", file, "--json")):  # fmt: skip # noqa: E501
        result = command(*words)
        assert KEY not in result.out + result.err


# import and export --------------------------------------------------------------------------------


@needs_importers
def test_import_prints_the_flow_and_reports(command: Command) -> None:
    step = ask("a", "x") | {"type": "openAi/v1/ask"}
    step["parameters"]["model"] = "gpt-4"
    Path("theirs.json").write_text(json.dumps({"label": "T", "tasks": [step]}))

    result = command("import", "theirs.json")
    (imported,) = Flow.from_text(result.out).steps
    assert (result.code, imported.type) == (0, "openRouter/v1/ask")
    assert imported.parameters["model"] == "openai/gpt-4"
    assert "Imported from bytechef" in result.err

    both = command("import", "theirs.json", "--json").json
    assert both.keys() == {"flow", "report"}
    assert command("import", "theirs.json", "--output", "ours.yaml").out == ""
    assert Flow.load("ours.yaml").document == both["flow"]


@needs_importers
def test_an_unknown_format_is_an_error(command: Command) -> None:
    Path("theirs.json").write_text("{}")
    assert command("import", "theirs.json", "--from", "n9n").code == 2
    assert command("import", "theirs.json").code == 2
    assert command("import", "gone.json").code == 5


@needs_exporters
def test_export_writes_a_flow_for_another_program(command: Command) -> None:
    file = saved(echo("a", "x"))

    result = command("export", "flow", file)
    assert Flow.from_text(result.out).document == Flow.load(file).document
    assert "\ncurl " in command("export", "flow", file, "--to", "curl").out
    assert command("export", "flow", file, "--to", "curl", "--json").json["text"]
    assert command("export", "flow", file, "--to", "fax").code == 2


# orc ----------------------------------------------------------------------------------------------


def test_orc_is_installed_beside_the_long_name() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["scripts"].keys() == {"openrouter-connector", "orc"}
    assert len(set(project["scripts"].values())) == 1


@pytest.mark.parametrize("name", ["orc", "openrouter-connector"])
def test_the_overview_names_the_program_by_which_it_was_called(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", [f"/usr/bin/{name}"])
    assert main(["--help"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith(f"usage: {name} ACTION")
    assert f"{name} COMMAND" in printed


@pytest.mark.parametrize("name", COMMANDS)
def test_help_names_the_program_by_which_it_was_called(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["/usr/bin/orc", name])
    assert main([name, "--help"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith(f"usage: orc {name}")
    assert "openrouter-connector " not in printed
