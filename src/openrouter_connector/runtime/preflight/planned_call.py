"""A call that is about to be sent, as the checks before it look at it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from ...definition.model import Action
from ...definition.paths import dotted
from ...errors import Problem
from ...values import Json, JsonObject, LoadedFile, ModelInfo
from .tokens import Piece, file_of, pieces


@dataclass(frozen=True)
class Planned:
    """A call that is about to be sent, and what is known of the model it goes to."""

    action: Action
    values: JsonObject
    body: JsonObject
    path: str
    model_info: ModelInfo | None
    today: date

    @cached_property
    def row(self) -> JsonObject:
        """What the catalogue says of the model; empty when it says nothing."""
        return self.model_info.row if self.model_info else {}

    @cached_property
    def named(self) -> str:
        """The property that names the model."""
        return next((source.property for source in self.action.model_sources), "model")

    @cached_property
    def model(self) -> str:
        """The model as it was asked for."""
        return str(self.values.get(self.named) or self.row.get("id") or "the model")

    @cached_property
    def given(self) -> list[tuple[str, Piece]]:
        """What is not text in the body, by the parameter that it comes from."""
        paths = dict(_files(self.values))
        return [
            (paths.get(id(file_of(piece)), dotted(piece.path)), piece)
            for piece in pieces(self.body)
            if piece.kind != "text"
        ]


def _files(value: Json, path: tuple[str | int, ...] = ()) -> Iterator[tuple[int, str]]:
    """Give the files in the parameters, by what makes each its own, and their paths."""
    if isinstance(value, LoadedFile):
        yield id(value), dotted(path)
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from _files(item, (*path, name))
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield from _files(item, (*path, i))


Found = Iterator[Problem | str]
"""Problems, which would make the call fail, and warnings."""
Check = Callable[[Planned], Found]
