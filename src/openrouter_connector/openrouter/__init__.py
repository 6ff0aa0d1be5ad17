"""Choose how the server that is called behaves: as OpenRouter, like it, or as any other API.

    profile_for(component, base_url, token)
        ├─ OpenRouter, a mock of it, a proxy to it       OPENROUTER   + the component's own words
        ├─ another server for OpenRouter's component     COMPATIBLE   (LiteLLM, llama.cpp, vLLM …)
        └─ every other component                         NEUTRAL      + the component's own words

This package holds what is true of OpenRouter alone and cannot be said in YAML.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from ..runtime.api_profile import NEUTRAL, ApiProfile
from .profile import COMPATIBLE, OPENROUTER
from .servers import acts_as_openrouter, is_openrouter

if TYPE_CHECKING:
    # `--help` hides keys too, and has no time for pydantic.
    from ..definition.model import Component


def profile_for(component: Component, base_url: str, token: str | None) -> ApiProfile:
    """Return the profile of a server, completed by what the component's YAML says of its API."""
    if acts_as_openrouter(base_url, token):
        return _completed(OPENROUTER, component, _hints(component))
    if is_openrouter(component.base_url):
        # The hints in the YAML name pages and settings of OpenRouter, which do not help here.
        return _completed(COMPATIBLE, component, {})
    return _completed(NEUTRAL, component, _hints(component))


def _hints(component: Component) -> dict[int, str]:
    return {int(status): hint for status, hint in component.hints.items()}


def _completed(
    profile: ApiProfile, component: Component, own_hints: Mapping[int, str]
) -> ApiProfile:
    """Return a profile with the headers, the error shape and the hints of a component."""
    connection = component.connection
    return replace(
        profile,
        hints={**profile.hints, **own_hints},
        key_header=(connection.header or "authorization").lower(),
        key_scheme="Bearer" if connection.type == "BEARER_TOKEN" else "",
        response_id_header=component.response_id,
        error_body=component.error_body,
    )
