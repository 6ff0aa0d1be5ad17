"""`POST /chat/completions`: one completion, whole or as events."""

from __future__ import annotations

from starlette.responses import Response

from ..completion import create_completion
from ..dialects.chat_events import stream_completion
from ..inference import Inference, json_response


async def complete(inference: Inference) -> Response:
    """Return the completion as JSON or as server-sent events."""
    completion = create_completion(inference)
    if inference.stream:
        return stream_completion(inference, completion)
    return json_response(completion)
