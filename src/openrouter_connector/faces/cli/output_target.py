"""`--output`: a file, a folder, or `-` for stdout.

fox.png        the image; further ones are fox-2.png, fox-3.png
talk.txt       the text; subtitles are talk.srt
out/           a folder, which exists or ends with a slash: files under their own names
-              the bytes of the file, for a pipe
"""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ...errors import FileError, InputError, Problem
from ...plain_json import to_json_text
from ...values import FileEntry, Json
from .connection_args import output_folder
from .terminal import is_terminal, note


@dataclass(frozen=True, slots=True)
class OutputTarget:
    """Where `--output` puts a result; nowhere but stdout if it is not given."""

    folder: Path | None = None
    """Where the files are stored."""
    file: Path | None = None
    to_stdout: bool = False


def output_target(args: Namespace) -> OutputTarget:
    """Return where the result goes, before anything is paid for.

    FileError if nothing can be written there; InputError if it makes no sense.
    """
    named: str | None = args.output
    if named is None:
        return OutputTarget()
    if named == "-":
        if args.json:
            message = "prints the result itself, and --json prints an object; use one of them"
            raise InputError([Problem("--output -", message)])
        return OutputTarget(to_stdout=True)
    path = Path(named).expanduser()
    if path.is_dir() or named.endswith(("/", "\\")):
        return OutputTarget(folder=output_folder(named))
    output_folder(str(path.parent))
    return OutputTarget(file=path)


def written(target: OutputTarget, output: Json, files: tuple[FileEntry, ...]) -> list[Path]:
    """Write an output to the file of a target, and further files beside it; return their paths.

    FileError if one cannot be written; the files are still in the store then.
    """
    assert target.file is not None  # noqa: S101 - called for a file alone
    if isinstance(output, FileEntry):
        paths = _numbered(target.file)
        return [_saved(file, path) for file, path in zip(files, paths, strict=False)]
    _write_text(target.file, output)
    beside = [_beside(target.file, file, files[:at]) for at, file in enumerate(files)]
    saved = [_saved(file, path) for file, path in zip(files, beside, strict=True)]
    return [target.file, *saved]


def print_bytes(file: FileEntry) -> None:
    """Print the bytes of a file to stdout. InputError on a terminal, FileError if it is lost."""
    if is_terminal(sys.stdout):
        where = f"; it is kept at {file.path}" if file.path else ""
        message = f"prints bytes, which a terminal cannot show{where}"
        raise InputError([Problem("--output -", message)])
    sys.stdout.flush()
    sys.stdout.buffer.write(file.read_bytes())
    sys.stdout.buffer.flush()


def _saved(file: FileEntry, path: Path) -> Path:
    kind = file.extension.lower()
    if path.suffix and kind and _same(path.suffix[1:]) != _same(kind):
        note(f"warning: {path} holds {kind}, which is what the model returned")
    return file.save(path)


def _same(extension: str) -> str:
    return {"jpeg": "jpg", "tiff": "tif", "htm": "html"}.get(extension.lower(), extension.lower())


def _numbered(path: Path) -> Iterator[Path]:
    yield path
    number = 2
    while True:
        yield path.with_name(f"{path.stem}-{number}{path.suffix}")
        number += 1


def _beside(path: Path, file: FileEntry, earlier: tuple[FileEntry, ...]) -> Path:
    """Return the path of a further file: the same name with its extension, numbered if taken."""
    same = sum(one.extension == file.extension for one in earlier)
    is_taken = path.suffix.lower() == f".{file.extension.lower()}"
    number = same + 1 + is_taken
    suffix = f"-{number}" if number > 1 else ""
    return path.with_name(f"{path.stem}{suffix}.{file.extension}")


def _write_text(path: Path, output: Json) -> None:
    text = output if isinstance(output, str) else to_json_text(output, indent=2)
    try:
        path.write_text(f"{text}\n", encoding="utf-8", errors="replace")
    except OSError as error:
        raise FileError(f"{path} cannot be written: {error.strerror or error}") from error
