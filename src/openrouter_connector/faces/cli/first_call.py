"""The first question over a new connection: to a cheap model, after its price was told."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ...errors import ConnectorError
from ...values import JsonObject
from .commands.run import performed
from .examples import LIVE, SANDBOX
from .output import Shown, print_output, print_summary

if TYPE_CHECKING:
    from ...connector import Connector

_QUESTIONS = {example["ask"]["model"]: example["ask"] for example in (LIVE, SANDBOX)}


class Question(NamedTuple):
    """A question, and in words what it costs."""

    parameters: JsonObject
    cost: str

    @property
    def model(self) -> str:
        """Who is asked."""
        return str(self.parameters["model"])


async def offer(connector: Connector, name: str, *, free: bool) -> Question | None:
    """Give a question that the server of a connection can be asked; None when none is known.

    `free` is for a key that only free models answer.
    """
    try:
        async with connector.connect(connection=name, concurrent=False) as session:
            filters: JsonObject = {"free": True} if free else {}
            known = await session.options("ask", "model", filters=filters)
            models = [option["value"] for option in known.options]
            model = next((one for one in models if free or one in _QUESTIONS), None)
            if model is None:
                return None
            parameters = _QUESTIONS.get(model, SANDBOX["ask"]) | {"model": model}
            check = await session.check("ask", parameters)
    except ConnectorError:
        return None  # it is an offer, and the connection is stored
    cost = check.estimate.sentence() if check.estimate else "costs what the model's page tells"
    return Question(parameters, cost.partition(":")[0])


async def ask(connector: Connector, name: str, question: Question) -> None:
    """Ask it, and show the answer as it comes."""
    shown = Shown()
    async with connector.connect(connection=name, concurrent=False) as session:
        try:
            result = await performed(session, "ask", question.parameters, shown, stream=True)
        finally:
            shown.end()
        if not shown.text:
            print_output(result, session.files.path_of)
    print_summary(result.metadata)
