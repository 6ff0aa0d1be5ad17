"""Pre-flight of a bundle: each of its requests is checked as if it were sent alone, and estimated.

costs $3.10: instead of $6.20 one by one; answered within 24 hours
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from ...definition.form import Form
from ...definition.model import Action, Bundle
from ...errors import BudgetError, FileError, InputError, Problem
from ...money import format_usd
from ...values import Call, JsonObject, ModelInfo
from ..api_profile import ApiProfile
from ..budget import Budget
from ..bundle.build_bundle import BuildContext, build_bundle, place_problem, target_of
from ..bundle.requests import BundledRequest
from ..catalogue.catalogue import Catalogue
from . import preflight
from .estimate import Estimate

_SHOWN = 3  # requests of the call that a check shows
_MOST = 20  # problems and warnings


@dataclass(slots=True)
class BundleCheck:
    """What was found in the requests of a bundle."""

    call: Call | None
    """With the first requests only; None when the requests cannot be built."""
    problems: Sequence[Problem]
    warnings: Sequence[str] = ()
    estimate: Estimate | None = None


async def check_bundle(
    form: Form, word: Bundle, values: JsonObject, context: BuildContext
) -> BundleCheck:
    """Build all requests of a bundle, and check each. Nothing is raised for wrong parameters."""
    try:
        checks = await request_checks(form, word, values, context)
        with TemporaryDirectory(prefix="openrouter-connector-") as folder:
            built = await build_bundle(form, word, values, context, Path(folder), checks.add)
    except InputError as error:
        return BundleCheck(None, error.problems)
    except FileError as error:
        return BundleCheck(None, [error.problem])
    method, path = form.action.request.split(" ", 1)
    body = {"endpoint": built.target.endpoint, **built.settings, "requests": checks.shown}
    warnings = [*built.warnings, *checks.warnings]
    if checks.count > len(checks.shown):
        warnings.append(
            f"the call shows the first {len(checks.shown)} of {checks.count:,} requests"
        )
    estimate = checks.estimate(word)
    return BundleCheck(Call(method, path, body=body), checks.problems, warnings, estimate)


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


async def request_checks(
    form: Form, word: Bundle, values: JsonObject, context: BuildContext
) -> RequestChecks:
    """Return the checks of the requests of a bundle, to be called while it is built."""
    action, model = target_of(form, word, values).form.action, values[word.model]
    variant = context.profile.bundle_variant(model)
    alone = await _row(action, word, model, context.catalogue)
    cheaper = await _row(action, word, variant, context.catalogue) if variant else None
    # A list without the variant answers with the row of the model itself.
    is_listed = cheaper is not None and cheaper.row.get("id") == variant
    return RequestChecks(action, word.model, context.profile, alone, cheaper if is_listed else None)


async def _row(
    action: Action, word: Bundle, model: str, catalogue: Catalogue | None
) -> ModelInfo | None:
    if catalogue is None:
        return None
    return (await catalogue.model_info(action, {word.model: model})).model_info


@dataclass(slots=True)
class RequestChecks:
    """Checks and estimates requests one by one."""

    action: Action
    model: str
    """The property of the bundle with the model of all requests."""
    profile: ApiProfile
    row: ModelInfo | None
    """Of the model, at the price of a single call."""
    variant: ModelInfo | None
    """Of the model in a bundle, if the catalogue lists it."""
    count: int = 0
    problems: list[Problem] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    shown: list[JsonObject] = field(default_factory=list)
    _alone: Estimate | None = None
    _together: Estimate | None = None

    def add(self, request: BundledRequest, loaded: JsonObject, call: Call) -> None:
        """Check a request that was built."""
        self.count += 1
        if len(self.shown) < _SHOWN:
            self.shown.append({"custom_id": request.id, "body": call.body})
        today = datetime.now(UTC).date()
        found = preflight(self.action, loaded, call, self.row, profile=self.profile, today=today)
        self._note(request, found.problems)
        self._warn(found.warnings)
        self._alone = _sum(self._alone, found.estimate)
        if self.variant:
            cheaper = preflight(
                self.action, loaded, call, self.variant, profile=self.profile, today=today
            )
            self._together = _sum(self._together, cheaper.estimate)

    def estimate(self, word: Bundle) -> Estimate | None:
        """Return the cost of all requests together, beside that of the same calls one by one."""
        alone = self._alone
        if alone is None:
            return None
        together = self._together or alone * word.price_factor
        basis = [f"instead of {alone.range()} one by one"]
        basis += [f"answered within {word.within}"] if word.within else []
        basis += [f"{self.count:,} requests, of which the first"] if self.count > 1 else []
        return replace(together, basis=(*basis, *alone.basis))

    def _note(self, request: BundledRequest, problems: Iterable[Problem]) -> None:
        names = {source.property for source in self.action.model_sources}
        for problem in problems:
            placed = place_problem(request, problem)
            if problem.path in names:  # one model for all requests, so one problem of the bundle
                placed = Problem(self.model, problem.message)
            if placed not in self.problems and len(self.problems) < _MOST:
                self.problems.append(placed)

    def _warn(self, warnings: Iterable[str]) -> None:
        new = [one for one in warnings if one not in self.warnings]
        self.warnings += new[: _MOST - len(self.warnings)]


def _sum(total: Estimate | None, estimate: Estimate | None) -> Estimate | None:
    """Add an estimate, if there is one."""
    return total + estimate if total and estimate else total or estimate
