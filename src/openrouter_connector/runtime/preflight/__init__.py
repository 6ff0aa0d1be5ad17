"""All that can be told of a call before it is paid for, by what the catalogue says of its model.

Pure, and generous: what a row does not tell, or tells in an unknown shape, is held against nobody.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches

from ...definition.model import Action
from ...errors import Problem
from ...values import Call, JsonObject, ModelInfo
from .estimate import Estimate, estimate
from .interval import Span
from .model import gone, not_free, of_another_kind, unforced, unread
from .parameters import beyond, unlisted
from .planned_call import Check, Planned
from .sizes import large, long


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found: problems would make the call fail, warnings are what else to know."""

    problems: tuple[Problem, ...] = ()
    warnings: tuple[str, ...] = ()
    estimate: Estimate | None = None


def preflight(
    action: Action,
    values: JsonObject,
    call: Call,
    row: ModelInfo | None,
    *,
    today: date,
    prices: list[JsonObject] | None = None,
    seconds: Span | None = None,
) -> Findings:
    """Hold a call against the row of its model; without a row only its size is looked at.

    `values` are accepted parameters with their files loaded, `call` is what they make. `prices`
    are the endpoints of the model, when its own row tells no prices; `seconds` is how long the
    sound is that goes to it.
    """
    planned = Planned(action, values, call.body or {}, call.path, row, today)
    checks = (*_OF_THE_CALL, *(_OF_THE_MODEL if row else ()))
    found = [one for check in checks for one in check(planned)]
    # A model of another kind is not billed as this call would be.
    other = any(True for _ in of_another_kind(planned))
    return Findings(
        tuple(one for one in found if isinstance(one, Problem)),
        tuple(one for one in found if isinstance(one, str)),
        None if other else estimate(call, row, prices, seconds),
    )


def unknown_model(name: str, known: Iterable[str]) -> Problem:
    """Say that a model is not listed, and which names come close; the path is `model`."""
    whole = {one.lower(): one for one in known}
    tails = {one.rpartition("/")[2]: whole[one] for one in reversed(whole)}
    asked = name.lower()
    near = [tails[one] for one in get_close_matches(asked.rpartition("/")[2], tails)]
    near += [whole[one] for one in get_close_matches(asked, whole, cutoff=0.8)]
    names = " or ".join(map(repr, list(dict.fromkeys(near))[:3]))
    way_out = f"did you mean {names}?" if names else "choose one that its options list"
    return Problem("model", f"there is no model {name!r}; {way_out}")


_OF_THE_CALL: tuple[Check, ...] = (large,)
_OF_THE_MODEL: tuple[Check, ...] = (
    gone, not_free, of_another_kind, unread, unlisted, beyond, long, unforced,
)  # fmt: skip
