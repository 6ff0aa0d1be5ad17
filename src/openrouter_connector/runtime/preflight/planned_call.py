"""A call that is about to be sent, as the checks before it see it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from ...definition.model import Action
from ...definition.paths import dotted
from ...errors import Problem
from ...values import Call, Json, JsonObject, LoadedFile, ModelInfo
from ..prompt_parts import PromptFormat, PromptPart, file_of, prompt_parts


@dataclass(frozen=True)
class PlannedCall:
    """A call that is about to be sent, and what is known of its model."""

    action: Action
    values: JsonObject
    call: Call
    model_info: ModelInfo | None
    prompt_format: PromptFormat
    today: date

    @property
    def body(self) -> JsonObject:
        """The JSON body; empty for a call without one."""
        return self.call.body or {}

    @cached_property
    def row(self) -> JsonObject:
        """The model's row in the catalogue; empty for an unknown model."""
        return self.model_info.row if self.model_info else {}

    @cached_property
    def model_property(self) -> str:
        """The property that names the model."""
        return next((source.property for source in self.action.model_sources), "model")

    @cached_property
    def model(self) -> str:
        """The model as the parameters name it."""
        return str(self.values.get(self.model_property) or self.row.get("id") or "the model")

    @cached_property
    def media(self) -> list[tuple[str, PromptPart]]:
        """The parts of the prompt that are no text, each with the path of its parameter."""
        paths = dict(_files(self.values))
        return [
            (paths.get(id(file_of(part)), dotted(part.path)), part)
            for part in prompt_parts(self.body, self.prompt_format)
            if part.kind != "text"
        ]


def _files(value: Json, path: tuple[str | int, ...] = ()) -> Iterator[tuple[int, str]]:
    """Yield the files in the parameters, by identity since they may be equal, with their path."""
    if isinstance(value, LoadedFile):
        yield id(value), dotted(path)
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from _files(item, (*path, name))
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield from _files(item, (*path, i))


Findings = Iterator[Problem | str]
"""Problems, which would make the call fail, and warnings."""
PlannedCallCheck = Callable[[PlannedCall], Findings]
