"""`compare`: run an action with several models, and show their answers side by side."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from ....connections.redact_keys import redact_keys, redact_keys_in
from ....errors import InputError, Problem
from ....money import format_usd
from ....parameters import plain_parameters
from ....plain_json import to_plain_json
from ....values import JsonObject, an_object
from .. import help_text, shared_options
from ..connection_args import load_connector, open_session
from ..flow_output import outputs_text
from ..rows_args import (
    absolute,
    add_action,
    add_rows,
    read_files,
    refuse_own_input,
    requested_parameters,
    requested_rows,
)
from ..run_async import run_async
from ..terminal import page, print_json, print_text

if TYPE_CHECKING:
    from ....connector import Session
    from ....definition.load import Definition
    from ....flows.comparison import ModelFigures
    from ....flows.rows import Row, RowSource
    from ..rows_run import RowsEnd

Take = Callable[[JsonObject], None]
_OF_ROWS = ("format", "limit", "retry_doubtful", "restart", "database")


def configure(parser: ArgumentParser) -> None:
    """Add the options of `compare`."""
    add_action(parser)
    parser.add_argument(
        "-m", "--model", action="append", required=True, dest="models", metavar="MODEL",
        help="a model; repeat it for each one",
    )  # fmt: skip
    add_rows(parser, required=False)
    parser.add_argument(
        "--output", metavar="FILE", default="",
        help="also write the answers: an HTML page if the name ends in .html, else JSON Lines",
    )  # fmt: skip
    shared_options.add_json(parser, "print {action, models, answers} as one JSON object")
    shared_options.add_call_options(parser)
    shared_options.add_budget(parser)
    shared_options.add_connector(parser)
    parser.epilog = _EPILOG


def run(args: Namespace) -> int:
    """Compare the models, and print their figures and answers. Return the exit code."""
    connector = load_connector(args)
    parameters = requested_parameters(args, connector.definition)
    if args.over is None and (given := [name for name in _OF_ROWS if getattr(args, name)]):
        names = ", ".join(f"--{name.replace('_', '-')}" for name in given)
        raise InputError([Problem(names, "is for rows only; name them with --over")])
    has_rows = args.over is not None
    rows = requested_rows(args) if has_rows else None
    refuse_own_input(args.output, read_files(rows, parameters))
    budget = None if has_rows else args.budget
    session = open_session(args, connector, concurrent=True, files=None, budget=budget)
    from ....flows.comparison import figures_of
    from ..rows_run import check_output

    prompt = _prompt_row(args, parameters, connector.definition)
    figures = {one.model: one for one in figures_of(args.models, ())}
    with ExitStack() as stack:

        def output() -> Take:
            return _taker(args, stack, figures, prompt)

        if rows is not None:
            end = run_async(_of_rows(args, session, parameters, rows, output))
            return _print_rows(args, end, figures)
        check_output(args.output)
        answers = run_async(_of_one(args, session, parameters))
        take = output()  # which empties the file, so not before there are answers
        for answer in answers:
            take(answer)
    _print_answers(args, session, answers, list(figures.values()))
    return 6 if any("error" in answer for answer in answers) else 0


def _print_answers(
    args: Namespace, session: Session, answers: Sequence[JsonObject], figures: list[ModelFigures]
) -> None:
    if args.json:
        found = {
            "action": args.action,
            "models": [one.to_json() for one in figures],
            "answers": list(answers),
        }
        print_json(redact_keys_in(to_plain_json(found)))
        return
    for answer in answers:
        error = an_object(answer.get("error"))
        text = f"error: {error.get('message', '')}" if error else ""
        shown = text or outputs_text({"": answer.get("output")}, session.files.path_of)
        print_text(redact_keys(f"── {answer['model']}\n{shown}\n"))
    print_figures(figures)


def print_figures(figures: Sequence[ModelFigures]) -> None:
    """Print a table of what each model cost and took."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    has_invalid = any(one.invalid for one in figures)
    invalid = ("Invalid",) if has_invalid else ()
    for name in ("Model", "Answers", *invalid, "Cost", "Seconds", "Tokens in", "Tokens out"):
        table.add_column(name, overflow="fold", justify="left" if name == "Model" else "right")
    for one in figures:
        found = one.to_json()
        good = found["answers"] - found["failed"]
        answers = f"{good:,} of {found['answers']:,}" if found["failed"] else f"{good:,}"
        seconds = "" if found["seconds"] is None else f"{found['seconds']:.1f}"
        tokens = [f"{found['tokens'][side]:,}" for side in ("in", "out")]
        counts = [answers, f"{one.invalid:,}"] if has_invalid else [answers]
        table.add_row(redact_keys(one.model), *counts, format_usd(one.cost), seconds, *tokens)
    with page() as console:
        console.print(table)


def _nowhere(answer: JsonObject) -> None:
    """Write an answer to no file."""


def _prompt_row(args: Namespace, parameters: JsonObject, definition: Definition) -> Row:
    """Return what the models are given where there are no rows: the main parameter."""
    from ....flows.rows import Row

    main = definition.form(args.action).action.main or ""
    given = args.text or parameters.get(main, "")
    return Row("", file=given) if isinstance(given, Path) else Row("", plain_parameters(given))


def _taker(
    args: Namespace, stack: ExitStack, figures: dict[str, ModelFigures], prompt: Row
) -> Take:
    """Return what takes each answer: counts it, and writes it to the file of `--output`."""
    from ..comparison_page import ComparisonPage
    from ..rows_run import lines_to, open_output

    write: Take = _nowhere
    if args.output:
        file = stack.enter_context(open_output(args.output))
        if Path(args.output).suffix.lower() in (".html", ".htm"):
            title = f"{args.action}: {', '.join(args.models)}"
            # Stdin was read when the run began, and is not there any more.
            has_rows = args.over is not None
            table = requested_rows(args) if has_rows and "-" not in args.over else ()
            rows = table if has_rows else [prompt]
            html = ComparisonPage(file, title, args.models, rows, is_table=has_rows)
            stack.callback(lambda: html.end(list(figures.values())))
            write = html.add
        else:
            write = lines_to(file)

    def take(answer: JsonObject) -> None:
        figures[answer["model"]].add(answer)
        write(answer)

    return take


async def _of_one(args: Namespace, session: Session, parameters: JsonObject) -> list[JsonObject]:
    from ....flows.comparison import compare

    async with session:
        return await compare(session, args.action, parameters, args.models)


async def _of_rows(
    args: Namespace,
    session: Session,
    parameters: JsonObject,
    rows: RowSource,
    output: Callable[[], Take],
) -> RowsEnd:
    from ....flows.comparison import check_models
    from ..rows_run import run_rows
    from ..run_sessions import flow_extra

    with flow_extra():
        from ....flows.runs import RowsRequest
    check_models(session, args.action, args.models)
    request = RowsRequest(
        action=args.action,
        parameters=parameters,
        source=rows,
        models=args.models,
        limit=args.limit,
        concurrency=args.concurrency,
        retries=args.retries,
        budget=args.budget,
        output=absolute(args.output),
    )
    return await run_rows(args, session, request, output)


def _print_rows(args: Namespace, end: RowsEnd, figures: dict[str, ModelFigures]) -> int:
    if args.json:
        models = [one.to_json() for one in figures.values()]
        print_json({"action": args.action, "models": models, **end.to_json()})
    else:
        print_figures(list(figures.values()))
    from .batch import print_end

    return print_end(end, args, has_json=False)


_EPILOG = f"""\
examples:
  openrouter-connector compare ask 'Why is the sky blue?' -m google/gemini-2.5-flash \\
      -m openai/gpt-4o-mini
  openrouter-connector compare ask 'Classify: ${{row.text}}' -m … -m … --over rows.csv \\
      --output answers.html

With --over, each row goes to each model, as with `batch`: durable, and the same command goes on.

{help_text.ENVIRONMENT}

{help_text.EXIT_CODES}"""
