"""What to do about a refused call, where `hints` of connector.yaml does not say it.

Those in connector.yaml are for OpenRouter itself.
"""

from __future__ import annotations

from collections.abc import Mapping

KEY_LIMIT = (
    "Raise the limit of this key at https://openrouter.ai/settings/keys, or use another key."
)
"""At OpenRouter, for a 402 or 403 whose message names the limit of the key."""
COMPATIBLE: Mapping[int, str] = {
    401: "Check the token: it must be an API key of this server (OpenRouter's are at "
    "https://openrouter.ai/settings/keys).",
    402: "Check what is left in the account at this server, or request fewer tokens.",
    403: "Check the token, and what it may do at this server.",
    404: "Check the model name (the server's /models lists those it has) and the base URL: it "
    "usually ends in /v1.",
    405: "Check the base URL: it usually ends in /v1.",
    413: "Send less, or smaller files.",
    429: "Wait and try again.",
}
"""At other servers that speak the API."""
