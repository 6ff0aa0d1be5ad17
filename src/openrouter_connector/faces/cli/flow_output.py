"""Print how a run of a flow ended: its outputs to stdout, or why it has none and the way out."""

from __future__ import annotations

from argparse import Namespace
from shlex import quote
from time import localtime, strftime
from typing import TYPE_CHECKING

from ...connections.redact_keys import redact_keys
from ...money import format_usd
from ...plain_json import to_json_text, to_plain_json
from ...values import FILE_KEYS, FileEntry, Json, JsonObject
from . import help_text
from .error_output import print_error
from .exit_codes import described_exit_code
from .output_target import OutputTarget, print_bytes, written
from .result_output import PathOf, cost, file_location
from .terminal import note, note_dimmed, print_json, print_text

if TYPE_CHECKING:
    from ...flows.runs import FlowError, FlowResult
    from ...runtime.files.store import FileStore


def print_flow_result(
    result: FlowResult, files: FileStore, args: Namespace, target: OutputTarget
) -> None:
    """Print the outputs of a run, or with `--json` `{run, outputs, cost}`.

    A file of `--output` gets a single output, or several as JSON. FileError if it is not writable;
    the run keeps its outputs.
    """
    entries = _single_files(result.outputs, files)
    if args.json:
        print_json(to_plain_json(result.to_json()), on_one_line=args.stream)
    if target.file:
        single = next(iter(result.outputs.values())) if len(result.outputs) == 1 else result.outputs
        for path in written(target, entries[0] if entries else single, entries):
            (note if args.json else print_text)(str(path))
    elif target.to_stdout and entries:
        print_bytes(entries[0])
    elif not args.json and (text := outputs_text(result.outputs, files.path_of)):
        print_text(text)
    if args.json:
        return
    note_dimmed(f"run {result.run} · {cost(result.cost)}")


def outputs_text(outputs: JsonObject, path_of: PathOf) -> str:
    """Return outputs for people: a single one plainly, several by their names."""
    texts = {name: _text(value, path_of) for name, value in outputs.items()}
    if len(texts) == 1:
        return next(iter(texts.values()))
    has_lines = any("\n" in text for text in texts.values())
    return ("\n\n" if has_lines else "\n").join(
        f"{name}:\n{text}" if "\n" in text else f"{name}: {text}" for name, text in texts.items()
    )


def print_flow_error(error: FlowError, args: Namespace) -> int:
    """Print why a run has no outputs, and how to go on; return the exit code of its error."""
    print_error(error, as_json=args.json, on_one_line=args.stream)
    for doubt in error.doubts:
        note(doubt_line(doubt))
    is_spent = error.error.get("type") == "BudgetError"
    note(way_out(error.run, args, in_doubt=bool(error.doubts), is_spent=is_spent))
    return described_exit_code(error.error)


def doubt_line(doubt: JsonObject) -> str:
    """Return a request of which nobody knows whether it was served, as a sentence."""
    sent = strftime("%Y-%m-%d %H:%M:%S", localtime(doubt["sent"]))
    amount = doubt.get("likelyCost")
    likely = f", likely cost {format_usd(amount)}" if amount is not None else ""
    model = f", {doubt['model']}" if doubt.get("model") else ""
    return redact_keys(
        f"in doubt: {doubt['place']} ({doubt['action']}{model}), sent {sent}{likely}"
    )


def way_out(run: str, args: Namespace, *, in_doubt: bool = False, is_spent: bool = False) -> str:
    """Return what to do with a run that has no outputs.

    `in_doubt` if requests of it are, `is_spent` if its budget was too small.
    """
    resume = command("runs resume", run, args)
    if in_doubt:
        return (
            f"To send what is in doubt again, which may cost twice: {resume} --retry-doubtful\n"
            f"To start over from a step: {command('runs rerun', run, args)} --from STEP"
        )
    if is_spent:
        return f"All that it finished is kept. To go on with a higher budget: {resume} --budget USD"
    return f"All that it finished is kept. To go on from there: {resume}"


def command(words: str, run: str, args: Namespace) -> str:
    """Return a command line for a run, with the database if that is a file of a name."""
    database = args.database
    # Not a URL: a password may be in it.
    option = f" --database {quote(database)}" if database and "://" not in database else ""
    return f"{help_text.program()} {words} {run}{option}"


async def with_copies(outputs: JsonObject, files: FileStore, folder: FileStore) -> JsonObject:
    """Return outputs whose files were copied to another folder."""

    async def copied(value: Json) -> Json:
        if isinstance(value, list):
            return [await copied(item) for item in value]
        if is_file(value):
            loaded = await files.load(value, "outputs", ())
            entry = loaded.entry
            stored = await folder.put(loaded.open(), entry.name, entry.mime_type or None)
            return stored.to_json()
        if isinstance(value, dict):
            return {key: await copied(item) for key, item in value.items()}
        return value

    return {name: await copied(value) for name, value in outputs.items()}


def _single_files(outputs: JsonObject, files: FileStore) -> tuple[FileEntry, ...]:
    """Return the files that the only output consists of; nothing for anything else."""
    value = next(iter(outputs.values())) if len(outputs) == 1 else None
    items = value if isinstance(value, list) else [value]
    return tuple(map(files.entry, items)) if all(map(is_file, items)) else ()


def is_file(value: Json) -> bool:
    """Return whether a value is a FILE_ENTRY."""
    return isinstance(value, dict) and value.keys() == set(FILE_KEYS)


def _text(value: Json, path_of: PathOf) -> str:
    if isinstance(value, str):
        return value
    if is_file(value):
        return file_location(FileEntry.of_json(value), path_of)
    if isinstance(value, list) and value and all(is_file(item) for item in value):
        return "\n".join(_text(item, path_of) for item in value)
    return to_json_text(value, indent=2)
