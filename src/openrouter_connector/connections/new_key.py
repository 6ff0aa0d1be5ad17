"""Create an API key for calls with a management key."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import replace

from ..definition.model import Component
from ..definition.paths import at
from ..errors import CredentialError, IncompleteError
from ..openrouter import profile_for
from ..runtime.build import call_of
from ..runtime.http.transport import Timeouts, Transport
from ..values import JsonObject


async def create_key(
    component: Component,
    management_key: str,
    name: str,
    limit: float | None,
    *,
    base_url: str | None = None,
    allow_http: bool = False,
    public: bool = False,
) -> str:
    """Create a key with a name, and a spending limit in USD if there is one; return the key.

    CredentialError if the component has no such keys or the server returned none; ApiError if the
    server refuses or cannot be reached. The key is in no error. With `public`, nothing is sent into
    a private network.
    """
    words = component.connection.new_key
    if words is None:
        raise CredentialError(f"{component.title} cannot create keys; create one by hand")
    body: JsonObject = {words.name: name}
    body |= {} if limit is None else {words.limit: limit}
    place = base_url or component.base_url
    transport = Transport(
        place,
        management_key,
        profile=profile_for(component, place, management_key),
        timeouts=Timeouts(connect=10, idle=10),
        concurrent=False,
        public=public,
        allow_http=allow_http,
    )
    call = replace(call_of(words.request, {}), body=body)
    key = None
    async with aclosing(transport):
        try:
            async with transport.open(call) as response:
                key = at(await response.json(), words.token)
        except IncompleteError:  # its text may be a part of the key
            key = None
    if not isinstance(key, str) or not key:
        raise CredentialError("the server returned no key; look for it in the list of your keys")
    return key
