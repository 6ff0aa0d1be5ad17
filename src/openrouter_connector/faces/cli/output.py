"""The result of a run on the terminal: the answer on stdout, all else on stderr."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ...money import usd
from ...values import Event, FileEntry, Json, Metadata, Result
from .terminal import dim, is_terminal, note, print_json, print_text

PathOf = Callable[[FileEntry], Path | None]


@dataclass(slots=True)
class Shown:
    """An answer that is shown as it comes: its text on stdout, its reasoning dimmed on stderr."""

    text: bool = False
    reasoning: bool = False

    def show(self, event: Event) -> None:
        """Show what a delta brings."""
        if event.reasoning:
            dim(event.reasoning, end="")
            self.reasoning = True
        if event.text:
            if self.reasoning and not self.text:
                dim("\n")
            print_text(event.text, end="")
            self.text = True

    def end(self) -> None:
        """End the line that stands open."""
        if self.text:
            print_text("")
        elif self.reasoning:
            dim("")


def print_output(result: Result, path_of: PathOf) -> None:
    """Print an output: a text as it is, files by their paths, an object as JSON."""
    if isinstance(result.output, FileEntry):
        for file in result.metadata.files:
            print_text(place(file, path_of))
    elif isinstance(result.output, str):
        print_text(result.output)
    else:
        print_json(result.output)


def place(file: FileEntry, path_of: PathOf) -> str:
    """Return the path of a file from here, if it is on this machine, or else its URL."""
    path = path_of(file)
    if path is None:
        return file.url
    here = _here()
    return str(path.relative_to(here) if here and path.is_relative_to(here) else path)


def _here() -> Path | None:
    try:
        return Path.cwd()
    except OSError:  # somebody deleted it
        return None


def print_summary(metadata: Metadata) -> None:
    """Print warnings to stderr; on a terminal also who answered, cost, tokens and seconds."""
    for warning in metadata.warnings:
        note(f"warning: {warning}")
    if is_terminal(sys.stderr):
        known = [
            metadata.model,
            cost(metadata.cost),
            _tokens(metadata.usage or {}),
            seconds(metadata.latency),
        ]
        dim(" · ".join(part for part in known if part))


def cost(amount: float | None) -> str:
    """Write a cost in USD."""
    return "cost unknown" if amount is None else usd(amount)


def seconds(latency: float) -> str:
    """Write a duration."""
    return f"{latency:.1f} s"


def _tokens(usage: Json) -> str:
    counts = [
        usage.get("prompt_tokens", usage.get("input_tokens")),
        usage.get("completion_tokens", usage.get("output_tokens")),
    ]
    return f"{counts[0]} tokens in, {counts[1]} out" if None not in counts else ""
