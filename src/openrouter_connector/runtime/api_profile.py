"""What the engine asks about the API that it calls, with defaults that fit any API.

    connector ──profile_for(component, base_url, token)──▶ ApiProfile ──▶ Transport, Catalogue …

`connector` chooses the profile for the server that is called, and hands it in with the transport.
The runtime never asks which API it is: what differs between APIs is a field or a method here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from ..definition.paths import at
from ..errors import Problem
from ..values import Json, JsonObject
from .prompt_parts import PromptFormat

if TYPE_CHECKING:
    from ..definition.model import ErrorBody
    from .preflight.estimate import Estimate
    from .preflight.interval import Interval
    from .preflight.planned_call import PlannedCall

_NO_KEY = "Check the token: none was given, and this server seems to require an API key."
HINTS: Mapping[int, str] = MappingProxyType(
    {
        401: "Check the token: it must be an API key of this server.",
        402: "Check what is left in the account at this server.",
        403: "Check the token, and what it may do at this server.",
        404: "Check the name and the base URL.",
        405: "Check the base URL.",
        413: "Send less, or smaller files.",
        429: "Wait and try again.",
    }
)
"""What to do about a refused call, by its status, at a server of which nothing else is known."""


@dataclass(frozen=True, slots=True)
class ErrorDetails:
    """What an `error` object says beside its code, in places that one API has."""

    messages: tuple[Json, ...]
    """Its messages, the first one first; each may be JSON in a text."""
    provider: str | None = None
    """Who failed behind the API."""
    reasons: Mapping[str, Json] = field(default_factory=dict)
    """What else it names, such as the constraint that excluded all providers."""
    type: Json = None
    """A word for the kind of error, beside `code` and `type`."""
    headers: JsonObject = field(default_factory=dict)
    """Response headers that it repeats."""
    delays: tuple[Json, ...] = ()
    """How long to wait before a retry, in the order in which they count."""
    is_daily: bool = False
    """Whether it is a quota for a day: no call waits long enough."""


@dataclass(frozen=True)
class ApiProfile:
    """What is true of one API. A subclass overrides what data cannot say."""

    key_header: str = "authorization"
    """The request header that carries the API key, in lower case."""
    key_scheme: str = "Bearer"
    """The word before the key; empty for a key that stands alone."""
    response_id_header: str | None = None
    """The response header that identifies a call."""
    error_body: ErrorBody | None = None
    """Where the body of a refusal holds its message; without it the usual places are tried."""
    hints: Mapping[int, str] = field(default_factory=lambda: HINTS)
    """What to do about a refused call, by its status."""
    no_key_hint: str | None = _NO_KEY
    """What to do about a 401 or 403 without a key; None: as with a key."""
    key_limit_hint: str | None = None
    """What to do when the spending limit of the key is reached; None: as with status 402."""
    stream_fields: Mapping[str, JsonObject] = field(default_factory=dict)
    """For each dialect, what the body of a streamed request holds beside `stream: true`."""
    metadata_paths: Mapping[str, str] = field(default_factory=dict)
    """Metadata that only this API returns, and its paths in any response."""
    prompt_format: PromptFormat = field(default_factory=PromptFormat)
    """Where a request body holds the prompt."""
    largest_image: int | None = None
    """Bytes of an image that the API accepts."""
    largest_request: int | None = None
    """Bytes of a request that the API surely accepts."""
    parameter_aliases: tuple[frozenset[str], ...] = ()
    """Parameters that mean the same: a model that lists one of them supports the others."""

    def hint(self, status: int, *, with_key: bool, key_limit: bool = False) -> str | None:
        """Return what to do about a refusal that means this status."""
        if key_limit and self.key_limit_hint:
            return self.key_limit_hint
        if status in (401, 403) and self.no_key_hint and not with_key:
            return self.no_key_hint
        return self.hints.get(status)

    def error_of(self, body: Json) -> JsonObject | None:
        """Return `{message, code}` from where this API puts them; None when nothing is there."""
        places = self.error_body
        message = at(body, places.message) if places else None
        if not places or message is None:
            return None
        return {"message": message, "code": at(body, places.code) if places.code else None}

    def details_of(self, error: JsonObject) -> ErrorDetails:
        """Return what an `error` object says, in a refusal, a response or a stream."""
        return ErrorDetails((error.get("message"),), delays=(error.get("retry_after"),))

    def cost_of(self, usage: JsonObject) -> float | None:
        """Return what a call cost in USD, by the usage that its response reports; None without.

        ValueError when the response states a cost that is no amount.
        """
        return None

    def is_listed(self, model: str) -> bool:
        """Return whether a list of models can hold this name: a preset stands in none."""
        return True

    def listed_names(self, model: str) -> tuple[str, ...]:
        """Return the names under which a list may hold a model, the exact one first."""
        return (model,)

    def support_setting(self, body: JsonObject) -> str | None:
        """Return the setting in a body that demands support of all parameters, if one does."""
        return None

    def not_in_bundle(self, body: JsonObject) -> Iterator[str]:
        """Yield why a request cannot be one of many in one call."""
        if body.get("stream"):
            yield "stream: a request of a batch is not streamed"

    def same_in_bundle(self, model: str) -> tuple[str, ...]:
        """Return the fields of a body that all requests to a model must share."""
        return ()

    def bundle_variant(self, model: str) -> str | None:
        """Return the name under which a list may hold the price of a model in a bundle."""
        return None

    def is_alias(self, model: str) -> bool:
        """Return whether a name lets the server choose the model."""
        return False

    def check_model(self, planned_call: PlannedCall) -> Iterator[Problem | str]:
        """Yield problems and warnings about a call, by the row of its model in the catalogue."""
        yield from ()

    def estimate(
        self,
        planned_call: PlannedCall,
        endpoints: list[JsonObject] | None = None,
        seconds: Interval | None = None,
    ) -> Estimate | None:
        """Return what a call will cost in USD; None when nothing is known of the prices.

        `endpoints` are the rows that carry prices when the model's own row has none; `seconds` is
        the length of the audio that is sent.
        """
        return None


NEUTRAL = ApiProfile()
"""The profile of an API of which nothing is known."""
