"""The size of the files in a call against what its API accepts."""

from __future__ import annotations

from ..api_profile import ApiProfile
from ..prompt_parts import file_of
from .planned_call import Findings, PlannedCall

_BASE64 = 4 / 3  # bytes that are sent for each byte of a file


def too_large(planned_call: PlannedCall, profile: ApiProfile) -> Findings:
    """Yield warnings about files that are larger than the API accepts."""
    total = 0
    for path, part in planned_call.media:
        file = file_of(part)
        total += file.size if file else 0
        most = profile.largest_image
        if file and part.kind == "image" and most and file.size > most:
            yield f"{path}: images above {most / 1e6:.0f} MB are refused; make it smaller"
    most = profile.largest_request
    # Audio that is too long for one call goes in parts, each of which is small enough.
    if most and total * _BASE64 > most and not planned_call.action.split_audio:
        yield f"{total / 1e6:,.0f} MB of files may be more than one request can carry"
