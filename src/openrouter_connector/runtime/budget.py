"""What a session may cost, and how much of that is spent or reserved by calls that are running.

A call reserves the average cost of its kind (the same path and model) before it is sent. Nobody
knows the cost of the first call of a kind, so that one runs alone: the others of its kind wait. So
a limit is passed only by what a call costs above the average of its kind, or by a first call.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self
from weakref import WeakValueDictionary

from ..errors import BudgetError
from ..money import format_usd
from ..values import Call, an_object


@dataclass(slots=True)
class Budget:
    """A limit in USD, and what was spent of it; shared by sessions of one event loop at most."""

    limit: float | None = None
    spent: float = 0.0
    within: Budget | None = None
    """The budget that this is a part of, whose limit holds."""
    _reserved: float = field(default=0.0, init=False)
    _past: dict[str, _Past] = field(default_factory=dict, init=False)
    _first: WeakValueDictionary[str, asyncio.Lock] = field(
        default_factory=WeakValueDictionary, init=False, repr=False
    )
    """Held by the first call of each kind, until its cost is known."""

    @property
    def whole(self) -> Budget:
        """The budget of the session."""
        return self.within.whole if self.within else self

    @property
    def reached(self) -> bool:
        """Whether nothing is left."""
        whole = self.whole
        return whole.limit is not None and whole.spent >= whole.limit

    def part(self) -> Budget:
        """Return a budget that counts what one of several calls spends, within this limit."""
        return Budget(within=self)

    def reserve(self, call: Call) -> Reservation:
        """Return what holds back the expected cost of a call inside its `async with` block."""
        return Reservation(self, call)

    def add(self, cost: float) -> None:
        """Count a cost; a negative one corrects what was counted before."""
        self.spent += cost
        if self.within:
            self.within.add(cost)


@dataclass(slots=True)
class _Past:
    """The calls of one kind that ended."""

    calls: int = 0
    cost: float = 0.0


class Reservation:
    """The expected cost of a running call; what it pays is taken from that first.

    Entering raises BudgetError when the rest of the budget does not cover the call.
    """

    def __init__(self, budget: Budget, call: Call) -> None:
        self._budget = budget
        self._whole = budget.whole
        self._free = call.method == "GET"
        self._kind = f"{call.path} {an_object(call.body).get('model')}"
        self._reserved_here = 0.0
        self._paid = 0.0
        self._lock: asyncio.Lock | None = None

    async def __aenter__(self) -> Self:
        if self._whole.limit is not None:
            try:
                await self._hold(self._whole.limit)
            except BaseException:
                self._unlock()
                raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._whole._reserved -= self._reserved_here
        # Without a limit nobody reads the averages. A call that failed for free says nothing.
        counts = self._whole.limit is not None and not self._free
        if counts and (self._paid or error is None):
            past = self._whole._past.setdefault(self._kind, _Past())
            past.calls += 1
            past.cost += self._paid
        self._unlock()

    def pay(self, cost: float) -> None:
        """Count what the call costs; a negative cost corrects what was counted before."""
        covered = min(max(cost, 0.0), self._reserved_here)
        self._reserved_here -= covered
        self._whole._reserved -= covered
        self._paid += cost
        self._budget.add(cost)

    async def _hold(self, limit: float) -> None:
        whole, kind = self._whole, self._kind
        if not self._free and kind not in whole._past:
            # 100 first calls at once would all see an unspent budget of a cent.
            lock = whole._first.setdefault(kind, asyncio.Lock())
            await lock.acquire()
            self._lock = lock
            # The first call ended while this one waited: its cost is known now.
            if kind in whole._past:
                self._unlock()
        past = None if self._free else whole._past.get(kind)
        expected = past.cost / past.calls if past else 0.0
        # Rounded: sums of binary fractions would miss the limit by a trillionth.
        left = round(limit - whole.spent - whole._reserved, 12)
        if left <= 0 or round(expected, 12) > left:
            raise BudgetError(self._refusal(limit, expected))
        self._reserved_here = expected
        whole._reserved += expected

    def _refusal(self, limit: float, expected: float) -> str:
        spent = f"{format_usd(self._whole.spent)} spent"
        if self._whole.reached:
            fault = f"the budget of {format_usd(limit)} is spent ({spent})"
        else:
            running = f", {format_usd(self._whole._reserved)} reserved by calls that are running"
            running = running if self._whole._reserved > 0 else ""
            fault = f"the budget of {format_usd(limit)} does not cover this call ({spent}{running}"
            fault += f", about {format_usd(expected)} for this one)"
        return f"{fault}; nothing was sent. Raise the budget to go on."

    def _unlock(self) -> None:
        if self._lock:
            self._lock.release()
            self._lock = None
