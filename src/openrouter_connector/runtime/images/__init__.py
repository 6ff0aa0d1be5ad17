"""Pictures for models that see: made ready to be sent, and drawn on with what was found there.

file ──prepare──▶ file with its `image` ──▶ the model ──▶ boxes ──draw──▶ a FILE_ENTRY

`look` tells from the header what a picture is, and most are sent as they are; `pixels` decodes the
others. Pillow is imported only when a picture comes.
"""

from .annotate import draw
from .prepare import prepare

__all__ = ["draw", "prepare"]
