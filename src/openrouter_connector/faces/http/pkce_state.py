"""Keep the consents in progress (OAuth with PKCE): who started them, and the keys they obtained.

A key stays here until it is stored or its ten minutes are over. It never reaches a browser.
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

_UNKNOWN = "this consent does not exist, or has ended: a consent expires after ten minutes"


@dataclass(slots=True)
class Consent:
    """One consent: who started it, for which server, and its outcome."""

    state: str
    owner: str
    base_url: str | None
    expires: float
    status: Literal["waiting", "done", "failed"] = "waiting"
    message: str | None = None
    key: str | None = field(default=None, repr=False)

    def to_json(self) -> JsonObject:
        """Return `{state, status, message}`; never the key."""
        return {"state": self.state, "status": self.status, "message": self.message}


class Consents:
    """The consents in progress. Only the owner of a consent can see or use it."""

    def __init__(self, flows: Authorizations, clock: Callable[[], float] = monotonic) -> None:
        self._flows = flows
        self._clock = clock
        self._consents: dict[str, Consent] = {}

    def begin(
        self,
        owner: str,
        callback: Callable[[str], str] | None,
        *,
        base_url: str | None,
        limit: float | None,
        label: str | None,
    ) -> Authorization:
        """Start a consent, and return the page to open. InputError when too many are open."""
        flow = self._flows.begin(
            owner, base_url=base_url, callback=callback, limit=limit, label=label
        )
        now = self._clock()
        self._consents = {
            state: consent for state, consent in self._consents.items() if consent.expires > now
        }
        expires = now + flow.expires_in
        self._consents[flow.state] = Consent(flow.state, owner, base_url, expires)
        return flow

    def find(self, state: str, owner: str) -> Consent:
        """Return a consent of an owner. 404 for the consent of another one."""
        consent = self.peek(state)
        if consent is None or consent.owner != owner:
            raise not_found(_UNKNOWN)
        return consent

    def peek(self, state: str) -> Consent | None:
        """Return a consent of any owner; None when it does not exist or has expired."""
        consent = self._consents.get(state)
        return consent if consent and consent.expires > self._clock() else None

    async def finish(self, consent: Consent, code: str) -> None:
        """Exchange the code for the key. An error of the server is recorded and raised.

        InputError for an invalid code, and for a consent that was used, has expired or is being
        finished already.
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
        """Record that the user denied a consent."""
        if consent.status == "waiting":
            self._flows.cancel(consent.state, consent.owner)
            consent.status, consent.message = "failed", message

    def finished(self, state: str, owner: str) -> Consent:
        """Return a consent that has its key. InputError when it has none."""
        consent = self.find(state, owner)
        if consent.key is None:
            message = consent.message or "the user has not finished the consent yet"
            raise InputError([Problem("pkce", message)])
        return consent

    def end(self, state: str, owner: str) -> None:
        """Forget a consent and its key."""
        self.find(state, owner)
        self._flows.cancel(state, owner)
        del self._consents[state]
