"""Pre-flight of a bundle: each of its requests is checked as if it were sent alone, and estimated.

costs $3.10: instead of $6.20 one by one; answered within 24 hours
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from ...definition.form import Form
from ...definition.model import Action, Bundle
from ...errors import BudgetError, Problem
from ...money import format_usd
from ...values import Call, JsonObject, ModelInfo
from ..api_profile import ApiProfile
from ..budget import Budget
from ..bundle.build_bundle import Surroundings, build_bundle, place_problem, target_of
from ..bundle.requests import BundledRequest
from ..catalogue.catalogue import Catalogue
from . import preflight
from .estimate import Estimate

_SHOWN = 3  # requests of the call that a check shows
_MOST = 20  # problems and warnings


@dataclass(slots=True)
class BundleCheck:
    """What was found in the requests of a bundle."""

    call: Call
    """With the first requests only."""
    problems: list[Problem]
    warnings: list[str]
    estimate: Estimate | None


async def check_bundle(
    form: Form, word: Bundle, values: JsonObject, around: Surroundings
) -> BundleCheck:
    """Build all requests of a bundle, and check each. InputError for those that cannot be built."""
    seen = await seen_requests(form, word, values, around)
    with TemporaryDirectory(prefix="openrouter-connector-") as folder:
        built = await build_bundle(form, word, values, around, Path(folder), seen.add)
    method, path = form.action.request.split(" ", 1)
    body = {"endpoint": built.target.endpoint, **built.settings, "requests": seen.shown}
    warnings = [*built.warnings, *seen.warnings]
    if seen.count > len(seen.shown):
        warnings.append(f"the call shows the first {len(seen.shown)} of {seen.count:,} requests")
    estimate = seen.estimate(word)
    return BundleCheck(Call(method, path, body=body), seen.problems, warnings, estimate)


def check_affordable(estimate: Estimate, budget: Budget) -> None:
    """Raise BudgetError if even the low side of an estimate is more than what is left.

    Nobody knows what a bundle costs before it has ended, so no average of earlier ones helps.
    """
    if estimate.low > budget.left:
        message = f"the budget has {format_usd(max(budget.left, 0))} left, and the requests cost "
        message += (
            f"{format_usd(estimate.low)} or more; nothing was sent. Raise the budget to go on."
        )
        raise BudgetError(message)


async def seen_requests(
    form: Form, word: Bundle, values: JsonObject, around: Surroundings
) -> SeenRequests:
    """Return what takes a look at each request of a bundle while it is built."""
    action, model = target_of(form, word, values).form.action, values[word.model]
    variant = around.profile.bundle_variant(model)
    alone = await _row(action, word, model, around.catalogue)
    cheaper = await _row(action, word, variant, around.catalogue) if variant else None
    # A list without the variant answers with the row of the model itself.
    is_listed = cheaper is not None and cheaper.row.get("id") == variant
    return SeenRequests(action, around.profile, alone, cheaper if is_listed else None)


async def _row(
    action: Action, word: Bundle, model: str, catalogue: Catalogue | None
) -> ModelInfo | None:
    if catalogue is None:
        return None
    return (await catalogue.model_info(action, {word.model: model})).model_info


@dataclass(slots=True)
class SeenRequests:
    """Checks and estimates requests one by one."""

    action: Action
    profile: ApiProfile
    row: ModelInfo | None
    """Of the model, at the price of a single call."""
    variant: ModelInfo | None
    """Of the model in a bundle, if the catalogue lists it."""
    count: int = 0
    problems: list[Problem] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    shown: list[JsonObject] = field(default_factory=list)
    _alone: _Sum = field(default_factory=lambda: _Sum())
    _together: _Sum = field(default_factory=lambda: _Sum())
    _basis: tuple[str, ...] = ()

    def add(self, request: BundledRequest, loaded: JsonObject, call: Call) -> None:
        """Check a request that was built."""
        self.count += 1
        if len(self.shown) < _SHOWN:
            self.shown.append({"custom_id": request.id, "body": call.body})
        today = datetime.now(UTC).date()
        values = loaded or {"model": (call.body or {}).get("model")}
        found = preflight(self.action, values, call, self.row, profile=self.profile, today=today)
        if len(self.problems) < _MOST:
            self.problems += [place_problem(request, problem) for problem in found.problems]
        self._warn(found.warnings)
        self._alone.add(found.estimate)
        if self.variant:
            cheaper = preflight(
                self.action, values, call, self.variant, profile=self.profile, today=today
            )
            self._together.add(cheaper.estimate)
        if found.estimate and not self._basis:
            self._basis = found.estimate.basis

    def estimate(self, word: Bundle) -> Estimate | None:
        """Return the cost of all requests together, beside that of the same calls one by one."""
        if not self._alone.known:
            return None
        alone = self._alone
        together = self._together if self.variant else alone.times(word.price_factor)
        basis = [f"instead of {alone.text()} one by one"]
        basis += [f"answered within {word.within}"] if word.within else []
        basis += [f"{self.count:,} requests, of which the first"] if self.count > 1 else []
        basis += self._basis
        return Estimate(together.low, together.high, basis=tuple(basis))

    def _warn(self, warnings: Iterable[str]) -> None:
        new = [one for one in warnings if one not in self.warnings]
        self.warnings += new[: _MOST - len(self.warnings)]


@dataclass(slots=True)
class _Sum:
    """The sum of estimates, in USD."""

    low: float = 0.0
    high: float | None = 0.0
    known: bool = False

    def add(self, estimate: Estimate | None) -> None:
        if estimate is None:
            return
        self.known = True
        self.low += estimate.low
        unknown = self.high is None or estimate.high is None
        self.high = None if unknown else (self.high or 0) + (estimate.high or 0)

    def times(self, factor: float) -> _Sum:
        return _Sum(self.low * factor, None if self.high is None else self.high * factor, True)

    def text(self) -> str:
        low = format_usd(self.low)
        if self.high is None:
            return f"{low} or more"
        return low if self.high == self.low else f"{low} to {format_usd(self.high)}"
