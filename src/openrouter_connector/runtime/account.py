"""The account of one call: what its responses say of themselves, and what it costs.

`run` and `relay` keep one each. A call may take several responses: a repair round, the polls of a
job, the events of a stream. What a later response says replaces what an earlier one said, but the
costs of two rounds add up, since both were paid for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..errors import ApiError, ConnectorError, IncompleteError, StoreError
from ..values import Json, JsonObject, Metadata
from .api_profile import ApiProfile
from .budget import Reservation
from .http.response import Response
from .read import metadata_of
from .receipt import cost_afterwards
from .services import Services


@dataclass(slots=True)
class Account:
    """What is known of a call so far."""

    reservation: Reservation
    profile: ApiProfile
    warnings: list[str] = field(default_factory=list)
    known: JsonObject = field(default_factory=dict)
    """Fields of the metadata; a dict, since a frozen value is slow to change."""
    cost: float | None = None
    free: bool = False
    """Whether its costs are those of an earlier call, as a GET reports them."""
    attempts: int = 0
    reported: bool = False
    """Whether a response said anything of itself; a bare file does not."""
    _header_id: str | None = None
    _earlier: float = 0.0
    """The cost of the rounds before this one."""

    def begin(self, response: Response) -> None:
        """Begin a round: count its attempts, and take the id of the generation from the header."""
        if self.attempts and self.cost is None and not self.free:
            self.warn("the cost of an earlier request of this call is not known")
        self.attempts += response.attempts
        self.reservation.sent = True
        self._earlier = self.cost or 0.0
        # The header is the only place that all endpoints fill, bare audio included.
        self._header_id = self.known["generation_id"] = response.generation_id

    def read(self, response: Json, paths: Mapping[str, str]) -> None:
        """Take over what a response says of itself, by the names of fields and their paths."""
        self.reported = True
        known = metadata_of(response, {**paths, **self.profile.metadata_paths})
        # In some dialects the body has the id of the provider instead; polls of a job have others.
        if self._header_id or self.known.get("generation_id"):
            known.pop("generation_id", None)
        self.known |= known
        try:
            cost = self.profile.cost_of(known.get("usage") or {})
        except ValueError:
            self.warn("the cost is not known: the server returned no valid amount")
        else:
            if cost is not None:
                self._count(self._earlier + cost)

    async def look_up_cost(self, services: Services) -> None:
        """Look up a cost that no response reported; it may take seconds."""
        receipt = services.component.receipt
        # Only when the response is silent: a record appears seconds after its call.
        if self.cost is None and receipt and self._header_id:
            cost = await cost_afterwards(receipt, self._header_id, services.transport)
            if cost is not None:
                self._count(cost)

    def metadata(self, **more: Json) -> Metadata:
        """Return what is known by now; `more` are further fields."""
        return Metadata(**self.known, cost=self.cost, **more)

    def warn(self, warning: str) -> None:
        """Add a warning, once."""
        if warning not in self.warnings:
            self.warnings.append(warning)

    def explain(self, error: ConnectorError) -> None:
        """Add to an error what is known of the call."""
        error.job = error.job or self.known.get("job_id")
        if error.job and isinstance(error, ApiError):
            # The job is paid for; sending the same call again would submit another one.
            error.retryable = False
        if isinstance(error, IncompleteError):
            error.attempts = self.attempts
        if isinstance(error, IncompleteError | StoreError):
            error.generation_id = self.known.get("generation_id")

    def _count(self, cost: float) -> None:
        # A stream may report its cost again and again, each time the whole.
        if not self.free:
            self.reservation.pay(cost - (self.cost or 0.0))
        self.cost = cost
