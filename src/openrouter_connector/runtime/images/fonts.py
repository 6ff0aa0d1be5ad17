"""Fonts by what they can write: Pillow's own has the letters of English, this machine has others.

A letter that a font lacks is drawn as an empty box, which tells nothing.
"""

from __future__ import annotations

from functools import lru_cache
from unicodedata import bidirectional, combining, normalize

from PIL import ImageFont, features

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

_OWN = ""
_NAMES = (
    # Linux
    "DejaVuSans.ttf",
    "NotoSans-Regular.ttf",
    "LiberationSans-Regular.ttf",
    "FreeSans.ttf",
    "NotoSansCJK-Regular.ttc",
    "NotoSansCJKsc-Regular.otf",
    "wqy-microhei.ttc",
    "wqy-zenhei.ttc",
    "DroidSansFallbackFull.ttf",
    "NotoSansDevanagari-Regular.ttf",
    "NotoSansThai-Regular.ttf",
    "unifont.otf",
    # macOS
    "Arial Unicode.ttf",
    "PingFang.ttc",
    "Hiragino Sans GB.ttc",
    "AppleSDGothicNeo.ttc",
    "Kohinoor.ttc",
    # Windows
    "segoeui.ttf",
    "msyh.ttc",
    "YuGothM.ttc",
    "malgun.ttf",
    "Nirmala.ttc",
    "Nirmala.ttf",
    "LeelawUI.ttf",
)
_MISSING = "\U0010ffff"  # is no letter and never will be one
_PROBE = 16  # pixels of the letters by which a font is tried


def font_for(text: str, size: int) -> Font | None:
    """Give a font that has each letter of a text; None when this machine has none."""
    backwards = any(bidirectional(letter) in ("R", "AL") for letter in text)
    if backwards and not features.check("raqm"):
        return None  # without this library its letters would stand in the wrong order
    names = (name for name in (_OWN, *_NAMES) if all(_has(name, letter) for letter in text))
    return next((_font(name, size) for name in names), None)


def unaccented(text: str) -> str:
    """Give a text without the accents of its letters, which more fonts can write."""
    return "".join(letter for letter in normalize("NFKD", text) if not combining(letter))


@lru_cache(maxsize=128)
def _font(name: str, size: int) -> Font | None:
    """Load a font, which Pillow looks for where fonts are on this machine."""
    if name == _OWN:
        return ImageFont.load_default(size)
    try:
        return ImageFont.truetype(name, size)
    except OSError:
        return None


@lru_cache(maxsize=4096)
def _has(name: str, letter: str) -> bool:
    font = _font(name, _PROBE)
    if font is None:
        return False
    drawn, missing = font.getmask(letter), font.getmask(_MISSING)
    return letter.isspace() or drawn.size != missing.size or bytes(drawn) != bytes(missing)
