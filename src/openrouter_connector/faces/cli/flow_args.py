"""The options of `run` for flows, and `--input`, which is parsed by the type of the input.

--input text=0.2            "0.2", because the flow declares a string
--input count=3             3
--input note=@memo.mp3      a local file; of an input that is a string, the text in it
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import InputError, Problem
from ...values import Json, JsonObject
from . import shared_options
from .action_args import read_object
from .parameter_args import file_value, json_or_text, text_value

if TYPE_CHECKING:
    from ...flows.formats.flow import Flow

_OF_FLOWS = {
    "inputs": "--input", "all_inputs": "--inputs", "day_budget": "--day-budget",
    "on_doubt": "--on-doubt", "only": "--only", "pins": "--pin", "rehearse": "--rehearse",
    "detach": "--detach",
    "database": "--database",
}  # fmt: skip


def add_flow_options(parser: ArgumentParser) -> None:
    """Add the options that hold for flows only."""
    group = parser.add_argument_group("options of flows")
    add = group.add_argument
    add("--input", action="append", default=[], dest="inputs", metavar="NAME=VALUE",
        help="input; repeatable. Values are text, or JSON for inputs of other types. NAME=@PATH "
        "passes a local file, or the text in it")  # fmt: skip
    add("--inputs", dest="all_inputs", metavar="FILE|-|JSON",
        help="inputs as a JSON object; --input overrides them")  # fmt: skip
    add("--day-budget", type=shared_options.not_negative, metavar="USD",
        help="send no further requests once all runs of the day cost this amount")  # fmt: skip
    add("--on-doubt", choices=("stop", "retry"),
        help="what to do after a crash with a request that may have been served: stop (the "
        "default), or send it again, which may cost twice")  # fmt: skip
    add("--only", metavar="STEP", help="run this step alone, with the outputs of --pin")
    add("--pin", action="append", default=[], dest="pins", metavar="STEP=JSON",
        help="do not run this step, and use this output (or text, or @FILE with JSON); "
        "repeatable")  # fmt: skip
    add("--rehearse", action="append", default=[], nargs="?", const="", metavar="STEP=FAULT",
        help="run the flow in the sandbox, with its real models and at no cost; a step may be "
        "given a fault, such as rate-limited; repeatable")  # fmt: skip
    add("--detach", action="store_true",
        help="leave the run to a worker (`worker`), and print its id")  # fmt: skip
    add_database(group)


def add_database(parser: shared_options.Options) -> None:
    """Add `--database`."""
    parser.add_argument(
        "--database",
        metavar="FILE|URL",
        help="database of the runs: an SQLite file or postgresql://…; default: "
        "OPENROUTER_CONNECTOR_DATABASE, else a file of yours",
    )


def refuse_flow_options(args: Namespace) -> None:
    """Raise InputError if an action is given options of flows."""
    given = [option for name, option in _OF_FLOWS.items() if getattr(args, name)]
    if given:
        message = "is for flows only; the parameters of an action are set with -p NAME=VALUE"
        raise InputError([Problem(option, message) for option in given])


def read_inputs(args: Namespace, flow: Flow) -> JsonObject:
    """Return the inputs of a flow; a local file is a `Path`. The flow itself says what is missing.

    InputError lists all pairs that are invalid; FileError for a file that does not exist.
    """
    found = read_object(args.all_inputs, "--inputs", '{"text": "Hello"}')
    lists = set[str]()
    for name, text in _pairs(args.inputs, "--input NAME=VALUE"):
        kind = str(flow.inputs.get(name, {}).get("type") or "").lower()
        value = _input(kind, name, text)
        if kind == "array":
            # Repeated pairs add to a list; the first one replaces what --inputs said.
            present = found[name] if name in lists else []
            value = [*present, *(value if isinstance(value, list) else [value])]
            lists.add(name)
        found[name] = value
    return found


def read_pinned(args: Namespace) -> JsonObject:
    """Return the pinned outputs by the names of their steps. InputError for invalid ones."""
    from .file_or_stdin import read_text

    return {
        name: json_or_text(read_text(text[1:]) if text.startswith("@") else text)
        for name, text in _pairs(args.pins, "--pin STEP=JSON")
    }


def read_faults(args: Namespace) -> dict[str, str]:
    """Return the faults of a rehearsal by the names of their steps; `--rehearse` alone has none."""
    return dict(_pairs([pair for pair in args.rehearse if pair], "--rehearse STEP=FAULT"))


def _input(kind: str, name: str, text: str) -> Json:
    if kind == "string":
        return text_value(text, name)
    is_file = text.startswith("@") and (kind in ("array", "file_entry") or Path(text[1:]).is_file())
    if kind == "file_entry" or is_file:
        return file_value(text, name, f"--input {name}")
    return json_or_text(text)


def _pairs(pairs: list[str], written: str) -> Iterator[tuple[str, str]]:
    if wrong := [pair for pair in pairs if not pair.partition("=")[0] or "=" not in pair]:
        raise InputError([Problem(pair, f"has no value; write {written}") for pair in wrong])
    for pair in pairs:
        name, _, text = pair.partition("=")
        yield name, text
