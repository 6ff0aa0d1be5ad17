"""Images for vision models: prepared before they are sent, then drawn on with the answer's boxes.

file ──prepare──▶ file with its `image` ──▶ model ──▶ boxes ──draw──▶ FILE_ENTRY

`header` reads what an image is, and most are sent unchanged; `pixels` decodes the others. Pillow is
imported when the first image is loaded.
"""

from .annotate import draw
from .prepare import prepare

__all__ = ["draw", "prepare"]
