"""What a session may cost, and how much of that is spent or reserved by calls that are running.

A call reserves the average cost of its kind (the same path and model) before it is sent. Nobody
knows the cost of the first call of a kind, so it goes first: the others of its kind wait for its
end, but no longer than `PATIENCE`, since a slow reader may hold it for hours. Then the next one
goes first. So a limit is exceeded only by what calls cost above the average of their kind, and by
those that went first.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from ..errors import BudgetError
from ..money import format_usd
from ..values import Call, an_object

PATIENCE = 10.0
"""Seconds to wait for the cost of the first call of a kind."""


@dataclass(slots=True)
class Budget:
    """A limit in USD, and what was spent of it. Several sessions may share it."""

    limit: float | None = None
    spent: float = 0.0
    within: Budget | None = None
    """The budget that this is a part of, whose limit holds."""
    _reserved: float = field(default=0.0, init=False)
    _past: dict[str, _Past] = field(default_factory=dict, init=False)
    _first: dict[str, asyncio.Event] = field(default_factory=dict, init=False, repr=False)
    """The first call of each kind while its cost is not known; set when it ends."""

    @property
    def whole(self) -> Budget:
        """The budget of the session."""
        return self.within.whole if self.within else self

    @property
    def reached(self) -> bool:
        """Whether all of it is spent."""
        whole = self.whole
        # Rounded: sums of binary fractions would miss the limit by a trillionth.
        return whole.limit is not None and round(whole.limit - whole.spent, 12) <= 0

    @property
    def left(self) -> float:
        """What is neither spent nor reserved; infinite without a limit."""
        whole = self.whole
        limit = float("inf") if whole.limit is None else whole.limit
        return round(limit - whole.spent - whole._reserved, 12)

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
        self._first: asyncio.Event | None = None
        self._turn = ""
        self.sent = False
        """Whether a response began, so that the call may be billed whatever happens."""

    async def __aenter__(self) -> Self:
        if self._whole.limit is not None and not self._free:
            await self._wait_for_first()
            try:
                self._hold(self._whole.limit)
            except BudgetError:
                self._end_first()
                raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        left_early = isinstance(error, asyncio.CancelledError | GeneratorExit)
        if left_early and self.sent and not self._paid:
            # Its cost will never be reported, and a loop of cancelled calls must reach the limit.
            self.pay(self._reserved_here)
        self._whole._reserved -= self._reserved_here
        # Without a limit nobody reads the averages. A call that failed for free says nothing.
        counts = self._whole.limit is not None and not self._free
        if counts and (self._paid or error is None):
            past = self._whole._past.setdefault(self._kind, _Past())
            past.calls += 1
            past.cost += self._paid
            if waited_for := self._whole._first.get(self._turn):
                waited_for.set()
        self._end_first()

    def pay(self, cost: float) -> None:
        """Count what the call costs; a negative cost corrects what was counted before."""
        covered = min(max(cost, 0.0), self._reserved_here)
        self._reserved_here -= covered
        self._whole._reserved -= covered
        self._paid += cost
        self._budget.add(cost)

    async def _wait_for_first(self) -> None:
        """Wait until the cost of this kind of call is known, or until it is this call's turn."""
        whole, kind = self._whole, self._kind
        # Sessions of other event loops share the amounts; an event belongs to one loop.
        self._turn = f"{id(asyncio.get_running_loop())} {kind}"
        while kind not in whole._past and (first := whole._first.get(self._turn)):
            with suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE):
                    await first.wait()
            # Of all that waited, one takes the place of the call that takes so long.
            if whole._first.get(self._turn) is first:
                break
        if kind not in whole._past:
            # 100 first calls at once would all see an unspent budget of a cent.
            self._first = whole._first[self._turn] = asyncio.Event()

    def _hold(self, limit: float) -> None:
        past = self._whole._past.get(self._kind)
        expected = past.cost / past.calls if past else 0.0
        left = self._whole.left
        if left <= 0 or round(expected, 12) > left:
            raise BudgetError(self._refusal(limit, expected))
        self._reserved_here = expected
        self._whole._reserved += expected

    def _refusal(self, limit: float, expected: float) -> str:
        spent = f"{format_usd(self._whole.spent)} spent"
        if self._whole.reached:
            fault = f"the budget of {format_usd(limit)} is spent ({spent})"
        else:
            reserved = round(self._whole._reserved, 12)  # sums of floats leave a tiny rest
            running = f", {format_usd(reserved)} reserved by calls that are running"
            running = running if reserved > 0 else ""
            fault = f"the budget of {format_usd(limit)} does not cover this call ({spent}{running}"
            fault += f", about {format_usd(expected)} for this one)"
        return f"{fault}; nothing was sent. Raise the budget to go on."

    def _end_first(self) -> None:
        """Let the calls go on that wait for this one."""
        if self._first:
            self._first.set()
            if self._whole._first.get(self._turn) is self._first:
                del self._whole._first[self._turn]
            self._first = None
