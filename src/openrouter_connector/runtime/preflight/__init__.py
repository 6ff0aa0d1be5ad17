"""Everything that is known about a call before it is paid for, without sending it.

Pure: the rows of the catalogue are handed in. What a row does not say, or says in an unknown shape,
is no problem.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches

from ...definition.model import Action
from ...errors import Problem
from ...values import Call, JsonObject, ModelInfo
from ..api_profile import ApiProfile
from ..hooks import hook_of
from .estimate import Estimate
from .interval import Interval
from .parameters import beyond_limits, unlisted
from .planned_call import PlannedCall
from .sizes import too_large


@dataclass(frozen=True, slots=True)
class Findings:
    """Problems, which would make the call fail, warnings, and the estimated cost."""

    problems: tuple[Problem, ...] = ()
    warnings: tuple[str, ...] = ()
    estimate: Estimate | None = None


def preflight(
    action: Action,
    values: JsonObject,
    call: Call,
    model_info: ModelInfo | None,
    *,
    profile: ApiProfile,
    today: date,
    endpoints: list[JsonObject] | None = None,
    seconds: Interval | None = None,
) -> Findings:
    """Check a call against its model; without a row of it only the size is checked.

    `values` are accepted parameters with their files loaded, from which `call` was built.
    `endpoints` are the rows that carry prices when the model's own row has none; `seconds` is the
    length of the audio that is sent.
    """
    planned_call = PlannedCall(action, values, call, model_info, profile.prompt_format, today)
    found = [*too_large(planned_call, profile)]
    if model_info:
        found += _of_the_model(planned_call, profile)
    return Findings(
        tuple(finding for finding in found if isinstance(finding, Problem)),
        tuple(finding for finding in found if isinstance(finding, str)),
        profile.estimate(planned_call, endpoints, seconds),
    )


def _of_the_model(planned_call: PlannedCall, profile: ApiProfile) -> Iterator[Problem | str]:
    """Yield what the API, the definition and the action's own hook find."""
    yield from profile.check_model(planned_call)
    yield from unlisted(planned_call, profile)
    yield from beyond_limits(planned_call, profile)
    if hook := hook_of(planned_call.action, "check"):
        yield from hook(planned_call.call, planned_call.values)


def unknown_model(name: str, known: Iterable[str], path: str = "model") -> Problem:
    """Return the problem that the value of a property is not listed, with similar names."""
    whole = {model.lower(): model for model in known}
    tails = {model.rpartition("/")[2]: whole[model] for model in reversed(whole)}
    typed = name.lower()
    tail = typed.rpartition("/")[2]
    similar = [tails[one] for one in get_close_matches(tail, tails, cutoff=0.7)]
    similar += [whole[model] for model in get_close_matches(typed, whole, cutoff=0.8)]
    names = " or ".join(map(repr, list(dict.fromkeys(similar))[:3]))
    example = next((f", such as {model!r}" for model in whole.values()), "")
    way_out = f"did you mean {names}?" if names else f"choose one of its options{example}"
    return Problem(path, f"there is no {path} {name!r}; {way_out}")
