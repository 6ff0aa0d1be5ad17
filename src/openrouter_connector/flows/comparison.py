"""Send the same to several models, and put their answers side by side.

An answer is `{model, output, metadata}` or `{model, error}`, as a row of a run has it. Of several
rows the figures of each model are added up.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from time import monotonic

from ..connector import Session
from ..errors import INVALID_ANSWER, ConnectorError, InputError, Problem
from ..values import JsonObject, an_object

_TOKENS = (("prompt_tokens", "input_tokens"), ("completion_tokens", "output_tokens"))
"""The names of tokens in and out: of the chat API, and of the other APIs."""


@dataclass(slots=True)
class ModelFigures:
    """What the answers of one model cost and took, added up."""

    model: str
    answers: int = 0
    failed: int = 0
    invalid: int = 0
    """Of these, answers that are not the JSON that was asked for."""
    cost: float = 0.0
    """USD."""
    seconds: float = 0.0
    tokens: list[int] = field(default_factory=lambda: [0, 0])
    """In, and out."""

    def add(self, answer: JsonObject) -> None:
        """Add an answer."""
        metadata, error = an_object(answer.get("metadata")), an_object(answer.get("error"))
        self.answers += 1
        self.failed += bool(error)
        self.invalid += error.get("code") == INVALID_ANSWER
        self.cost += metadata.get("cost") or error.get("cost") or 0.0
        self.seconds += metadata.get("latency") or 0.0
        for place, count in enumerate(tokens_of(answer)):
            self.tokens[place] += count or 0

    def to_json(self) -> JsonObject:
        """Return `{model, answers, failed, invalid, cost, seconds, tokens}`; seconds of one."""
        good = self.answers - self.failed
        return {
            "model": self.model,
            "answers": self.answers,
            "failed": self.failed,
            "invalid": self.invalid,
            "cost": round(self.cost, 12),
            "seconds": round(self.seconds / good, 4) if good else None,
            "tokens": {"in": self.tokens[0], "out": self.tokens[1]},
        }


def tokens_of(answer: JsonObject) -> list[int | None]:
    """Return the tokens in and out of an answer; None where nobody counted them."""
    usage = an_object(an_object(answer.get("metadata")).get("usage"))
    found = [next((usage[name] for name in names if name in usage), None) for names in _TOKENS]
    return [count if isinstance(count, int) else None for count in found]


def figures_of(models: Iterable[str], answers: Iterable[JsonObject]) -> list[ModelFigures]:
    """Return the figures of each model, in the order of the models."""
    found = {model: ModelFigures(model) for model in models}
    for answer in answers:
        found[answer["model"]].add(answer)
    return list(found.values())


async def compare(
    session: Session,
    action: str,
    parameters: JsonObject,
    models: Sequence[str],
    *,
    on_answer: Callable[[JsonObject], None] = lambda answer: None,
) -> list[JsonObject]:
    """Perform an action once with each model, at the same time; return the answers in their order.

    A failure is an answer too. InputError for an action without a model, before anything is sent,
    and for parameters that no model accepts.
    """
    check_models(session, action, models)
    refusals: list[InputError] = []

    async def one(model: str) -> JsonObject:
        began = monotonic()
        try:
            result = await session.perform(action, {**parameters, "model": model})
            answer: JsonObject = {"model": model, **result.to_json()}
        except ConnectorError as error:
            # What one model does not accept must not cancel the others: they may be paid for.
            if isinstance(error, InputError):
                refusals.append(error)
            took = {"latency": round(monotonic() - began, 4)}
            answer = {"model": model, "error": error.to_json(), "metadata": took}
        on_answer(answer)
        return answer

    tasks = [asyncio.create_task(one(model)) for model in models]
    try:
        answers = await asyncio.gather(*tasks)
        if len(refusals) == len(models):
            raise refusals[0]
        return answers
    finally:
        for task in tasks:
            task.cancel()


def check_models(session: Session, action: str, models: Sequence[str]) -> None:
    """Raise InputError unless these are two or more models of an action that has one."""
    form = session.definition.form(action)
    if not any(prop.name == "model" for prop in form.action.properties):
        message = f"{action} calls no model, so there is none to compare"
        raise InputError([Problem("action", message)])
    if len(set(models)) < 2 or len(set(models)) != len(models):
        raise InputError([Problem("models", "name two or more different models")])
