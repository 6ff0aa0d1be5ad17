"""The options of commands that send many rows: which action, which rows, how many at a time."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import InputError, Problem
from ...values import JsonObject
from . import shared_options
from .action_args import read_object, with_defaults
from .action_command import use_action_name
from .flag_values import main_value
from .flow_args import add_database
from .parameter_args import set_pairs

if TYPE_CHECKING:
    from ...definition.load import Definition
    from ...definition.model import Action
    from ...flows.rows import RowSource


def add_action(parser: ArgumentParser) -> None:
    """Add ACTION, TEXT, `-p` and `--params`."""
    add = parser.add_argument
    add("action", metavar="ACTION", help="name of an action")
    add("text", metavar="TEXT", nargs="?",
        help="its main parameter, such as the prompt of `ask`")  # fmt: skip
    add("-p", action="append", default=[], dest="pairs", metavar="NAME=VALUE",
        help="parameter; repeatable. With rows, ${row.NAME} is a column and ${file} a "
        "file")  # fmt: skip
    add("--params", metavar="FILE|-|JSON", help="parameters as a JSON object; -p overrides them")


def add_rows(parser: ArgumentParser, *, required: bool) -> None:
    """Add which rows are sent, and how."""
    add = parser.add_argument
    add("--over", nargs="+", metavar="ROWS", required=required,
        help="a table (.csv, .tsv, .jsonl, .json, .parquet, .txt), files, patterns such as "
        "'images/*.jpg', or - for stdin")  # fmt: skip
    add("--format", metavar="NAME",
        help="format of the rows, whatever the ending of the name: csv, tsv, jsonl, json, "
        "parquet, lines, or files")  # fmt: skip
    add("--limit", type=shared_options.count, metavar="N", help="only the first rows")
    add("--concurrency", type=shared_options.count, default=64, metavar="N",
        help="rows at the same time (default: 64)")  # fmt: skip
    add("--retries", type=int, choices=range(21), default=3, metavar="N",
        help="retries of a row that surely was not served, such as after a rate limit "
        "(default: 3)")  # fmt: skip
    add("--retry-doubtful", action="store_true",
        help="also send rows again that may have been served before; they may cost "
        "twice")  # fmt: skip
    add("--restart", action="store_true",
        help="start over and overwrite the results, instead of going on")  # fmt: skip
    add_database(parser)


def requested_parameters(args: Namespace, definition: Definition) -> JsonObject:
    """Return the parameters of the action, with expressions in them; a local file is a `Path`.

    What is missing comes from the defaults of `config`. InputError for an unknown action, and for a
    text where the action has no main parameter.
    """
    from ...definition.exchange import ActionStep

    component = definition.component
    use_action_name(args, component)
    action = definition.form(args.action).action
    given = read_object(args.params, "--params") | _main(action, args.text)
    if getattr(args, "model", None) is not None:
        given |= {"model": args.model}
    has_rows = args.over is not None
    parameters = set_pairs(action.properties, given, args.pairs, with_expressions=has_rows)
    step = ActionStep(component.type_of(action.name), parameters, name=action.name)
    filled = with_defaults(args, step, component).parameters
    models = getattr(args, "models", None)  # those that are compared
    return {name: value for name, value in filled.items() if not (models and name == "model")}


def requested_rows(args: Namespace) -> RowSource:
    """Return the rows that `--over` names. InputError or FileError if there are none."""
    from ...flows.rows import open_source

    stdin = sys.stdin.buffer if sys.stdin else None
    return open_source(args.over, args.format, stdin)


def refuse_own_input(output: str, inputs: Iterable[Path]) -> None:
    """Raise InputError if the file of the results is one that the command reads.

    Also where it has another name there: a relative path, a symbolic link or a hard link.
    """
    path = Path(output).expanduser()
    if output not in ("", "-") and any(_is_same(path, one) for one in inputs):
        message = f"{path.name} is read by this command, and would be overwritten"
        raise InputError([Problem("--output", f"{message}; name another file")])


def _is_same(path: Path, other: Path) -> bool:
    try:
        return path.samefile(other)
    except OSError:  # one of them does not exist, or cannot be opened either
        return False


def read_files(rows: RowSource | None, parameters: JsonObject) -> Iterator[Path]:
    """Yield the files of this machine that a command reads: its rows, and those it sends."""
    if rows is not None:
        yield from (Path(path) for path in rows.paths if path != "-")
    yield from _paths_in(parameters)


def _paths_in(value: object) -> Iterator[Path]:
    if isinstance(value, Path):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _paths_in(inner)


def absolute(path: str) -> str:
    """Return the whole path of a file of results; empty without one."""
    return str(Path(path).expanduser().absolute()) if path else ""


def _main(action: Action, text: str | None) -> JsonObject:
    if text is None:
        return {}
    if action.main is None:
        message = f"{action.name} has no main parameter; set each with -p NAME=VALUE"
        raise InputError([Problem("TEXT", message)])
    main = next(prop for prop in action.properties if prop.name == action.main)
    return {action.main: main_value(main, text, action)}
