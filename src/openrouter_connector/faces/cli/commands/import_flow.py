"""`import`: read a flow of another program, and report what was kept, changed and left out."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from ....errors import FileError
from ....values import JsonObject
from .. import help_text, shared_options
from ..connection_args import load_connector
from ..terminal import note, print_json, print_text


def configure(parser: ArgumentParser) -> None:
    """Add the options of `import`."""
    parser.add_argument(
        "file", metavar="FILE", help="file of a flow, a curl command … (- for stdin)"
    )
    parser.add_argument(
        "--from",
        dest="format",
        metavar="FORMAT",
        help="format of the file, if its content does not show it: bytechef, n8n, roboflow, fal, "
        "mcp_call, curl or openai_body",
    )
    parser.add_argument(
        "--output",
        metavar="PATH",
        help="file for the flow, YAML if it is named so; default: stdout",
    )
    shared_options.add_json(parser, "print {flow, report} or {error} as one JSON object")
    shared_options.add_connector(parser)
    parser.epilog = _EPILOG


def run(args: Namespace) -> int:
    """Print or write the flow, and the report to stderr."""
    from ....flows.formats.importers import import_flow

    definition = load_connector(args).definition
    imported = import_flow(_read(args.file), format=args.format, definition=definition)
    if args.output is not None:
        imported.flow.save(Path(args.output).expanduser())
    if args.json:
        shown: JsonObject = {
            "flow": imported.flow.document,
            "report": imported.report.to_json(),
        }
        print_json(shown)
        return 0
    note(imported.report.to_text(), end="")
    if args.output is None:
        print_text(imported.flow.to_text(), end="")
    return 0


def _read(source: str) -> bytes | str:
    """Return the content of a file; of bytes the importer says itself when they are no text."""
    from ....flows.formats.document import LARGEST

    if source == "-":
        from ..file_or_stdin import read_text

        return read_text(source)
    try:
        with Path(source).expanduser().open("rb") as stream:
            return stream.read(LARGEST + 1)
    except OSError as error:
        raise FileError(f"{source} cannot be read: {error.strerror}") from error


_EPILOG = f"""\
examples:
  openrouter-connector import workflow.json --output flow.json
  openrouter-connector import - --from curl < command.txt

{help_text.EXIT_CODES}"""
