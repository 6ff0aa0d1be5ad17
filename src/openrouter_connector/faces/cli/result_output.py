"""Print the result of a run: the output to stdout, warnings and a summary to stderr."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ...money import format_usd
from ...values import Event, FileEntry, Json, Metadata, Result
from .terminal import is_terminal, note, note_dimmed, print_json, print_text

PathOf = Callable[[FileEntry], Path | None]


@dataclass(slots=True)
class StreamedAnswer:
    """Print an answer while it arrives: text to stdout, reasoning dimmed to stderr."""

    text: bool = False
    """Whether any text was printed."""
    reasoning: bool = False

    def print(self, delta: Event) -> None:
        """Print the text and the reasoning of a delta."""
        if delta.reasoning:
            note_dimmed(delta.reasoning, end="")
            self.reasoning = True
        if delta.text:
            if self.reasoning and not self.text:
                note_dimmed("\n")
            print_text(delta.text, end="")
            self.text = True

    def end(self) -> None:
        """End the last line."""
        if self.text:
            print_text("")
        elif self.reasoning:
            note_dimmed("")


def print_output(result: Result, path_of: PathOf) -> None:
    """Print an output: text unchanged, files by their paths, anything else as JSON."""
    if isinstance(result.output, FileEntry):
        for file in result.metadata.files:
            print_text(file_location(file, path_of))
    elif isinstance(result.output, str):
        print_text(result.output)
    else:
        print_json(result.output)


def note_further_files(result: Result, path_of: PathOf) -> None:
    """Print the paths of files that are not the output itself, such as subtitles, to stderr."""
    if not isinstance(result.output, FileEntry):
        for file in result.metadata.files:
            note(f"file: {file_location(file, path_of)}")


def file_location(file: FileEntry, path_of: PathOf) -> str:
    """Return the path of a file, relative if it is below this folder, or else its URL."""
    path = path_of(file)
    if path is None:
        return file.url
    here = _working_folder()
    return str(path.relative_to(here) if here and path.is_relative_to(here) else path)


def _working_folder() -> Path | None:
    try:
        return Path.cwd()
    except OSError:  # it was deleted in the meantime
        return None


def print_summary(metadata: Metadata) -> None:
    """Print warnings; on a terminal also the model, the cost, the tokens and the duration."""
    for warning in metadata.warnings:
        note(f"warning: {warning}")
    if is_terminal(sys.stderr):
        parts = [
            metadata.model,
            cost(metadata.cost),
            _tokens(metadata.usage or {}),
            duration(metadata.latency),
        ]
        note_dimmed(" · ".join(part for part in parts if part))


def cost(amount: float | None) -> str:
    """Return a cost in USD as text."""
    return "cost unknown" if amount is None else format_usd(amount)


def duration(seconds: float) -> str:
    """Return a duration as text; zero for less, since a clock may have been set back."""
    return f"{max(0.0, seconds):.1f} s"


def _tokens(usage: Json) -> str:
    # The chat API counts prompt and completion tokens, the other APIs input and output tokens.
    counts = [
        usage.get("prompt_tokens", usage.get("input_tokens")),
        usage.get("completion_tokens", usage.get("output_tokens")),
    ]
    return f"{counts[0]} tokens in, {counts[1]} out" if None not in counts else ""
