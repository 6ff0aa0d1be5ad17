"""Consents under way (OAuth with PKCE): who began them, and the keys that came of them.

A key stays here until it is stored, or its ten minutes are over; it never reaches a browser.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, Literal

from ...errors import ConnectorError, InputError, Problem
from ...values import JsonObject
from .problems import not_found

if TYPE_CHECKING:
    from ...connections.pkce import Authorization, Authorizations

_UNKNOWN = "there is no such consent: it was never begun, is over, or took longer than ten minutes"


@dataclass(slots=True)
class Consent:
    """One consent: by whom, for which server, and what came of it."""

    state: str
    owner: str
    base_url: str | None
    until: float
    status: Literal["waiting", "done", "failed"] = "waiting"
    message: str | None = None
    key: str | None = field(default=None, repr=False)

    def to_json(self) -> JsonObject:
        """Give `{state, status, message}`; never the key."""
        return {"state": self.state, "status": self.status, "message": self.message}


class Consents:
    """What was begun and is not over, each for the one who began it."""

    def __init__(self, flows: Authorizations, clock: Callable[[], float] = monotonic) -> None:
        self._flows = flows
        self._clock = clock
        self._known: dict[str, Consent] = {}

    def begin(
        self,
        owner: str,
        callback: Callable[[str], str] | None,
        *,
        base_url: str | None,
        limit: float | None,
        label: str | None,
    ) -> Authorization:
        """Begin one, and give where to send the person. InputError when too many are open."""
        flow = self._flows.begin(
            owner, base_url=base_url, callback=callback, limit=limit, label=label
        )
        now = self._clock()
        self._known = {key: one for key, one in self._known.items() if one.until > now}
        until = now + flow.expires_in
        self._known[flow.state] = Consent(flow.state, owner, base_url, until)
        return flow

    def find(self, state: str, owner: str) -> Consent:
        """Give a consent to the one who began it; 404 for any other."""
        consent = self.peek(state)
        if consent is None or consent.owner != owner:
            raise not_found(_UNKNOWN)
        return consent

    def peek(self, state: str) -> Consent | None:
        """Give a consent, whoever began it; None when there is none (any more)."""
        consent = self._known.get(state)
        return consent if consent and consent.until > self._clock() else None

    async def finish(self, consent: Consent, code: str) -> None:
        """Exchange the code for the key; when the server refuses it, that is kept and raised.

        InputError for what is no code, and for a consent that was used, is late or under way.
        """
        try:
            consent.key = await self._flows.finish(consent.state, code, consent.owner)
        except InputError:
            raise
        except ConnectorError as error:
            consent.status, consent.message = "failed", error.message
            raise
        consent.status, consent.message = "done", None

    def deny(self, consent: Consent, message: str) -> None:
        """Keep that the person said no."""
        if consent.status == "waiting":
            self._flows.cancel(consent.state, consent.owner)
            consent.status, consent.message = "failed", message

    def key(self, state: str, owner: str) -> Consent:
        """Give a consent with its key; InputError when there is none (yet)."""
        consent = self.find(state, owner)
        if consent.key is None:
            told = consent.message or "the person has not come back with a consent yet"
            raise InputError([Problem("pkce", told)])
        return consent

    def end(self, state: str, owner: str) -> None:
        """Forget a consent and its key."""
        self.find(state, owner)
        self._flows.cancel(state, owner)
        del self._known[state]
