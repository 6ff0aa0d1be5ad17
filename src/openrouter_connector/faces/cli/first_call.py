"""Offer a first call over a new connection: to a cheap model, after its price is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ...errors import ConnectorError
from ...values import JsonObject
from .examples import LIVE, SANDBOX
from .perform_action import perform_action
from .result_output import StreamedAnswer, print_output, print_summary

if TYPE_CHECKING:
    from ...connector import Connector

_EXAMPLES = {example["ask"]["model"]: example["ask"] for example in (LIVE, SANDBOX)}


class FirstCall(NamedTuple):
    """The parameters of `ask`, and what the call costs, in words."""

    parameters: JsonObject
    cost: str

    @property
    def model(self) -> str:
        """The model that answers."""
        return str(self.parameters["model"])


async def plan_first_call(
    connector: Connector, connection: str, *, free_only: bool
) -> FirstCall | None:
    """Return a call that the server of a connection can answer; None if none is known.

    `free_only` is for a key of the free tier, which paid models refuse.
    """
    try:
        async with connector.connect(connection=connection, concurrent=False) as session:
            filters: JsonObject = {"free": True} if free_only else {}
            choices = await session.options("ask", "model", filters=filters)
            models = [option["value"] for option in choices.options]
            model = next((name for name in models if free_only or name in _EXAMPLES), None)
            if model is None:
                return None
            parameters = _EXAMPLES.get(model, SANDBOX["ask"]) | {"model": model}
            check = await session.check("ask", parameters)
    except ConnectorError:
        return None  # the connection is saved, and the call is only an offer
    cost = check.estimate.sentence() if check.estimate else "cost unknown"
    return FirstCall(parameters, cost.partition(":")[0])


async def perform_first_call(connector: Connector, connection: str, call: FirstCall) -> None:
    """Perform the call, and print the answer while it arrives."""
    answer = StreamedAnswer()
    async with connector.connect(connection=connection, concurrent=False) as session:
        try:
            result = await perform_action(session, "ask", call.parameters, answer, stream=True)
        finally:
            answer.end()
        if not answer.text:
            print_output(result, session.files.path_of)
    print_summary(result.metadata)
