"""Find a font that has every character of a text: Pillow's own has Latin letters only.

Pillow draws a character that a font lacks as an empty box.
"""

from __future__ import annotations

from functools import lru_cache
from unicodedata import bidirectional, combining, normalize

from PIL import ImageFont, features

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

_PILLOW = ""
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
_MISSING = "\U0010ffff"  # is not a character and never will be one
_PROBE_SIZE = 16  # pixels of the characters by which a font is tested


def font_for(text: str, size: int) -> Font | None:
    """Return a font that has every character of a text; None when this machine has none."""
    right_to_left = any(bidirectional(letter) in ("R", "AL") for letter in text)
    if right_to_left and not features.check("raqm"):
        return None  # without this library the letters would be in the wrong order
    names = (name for name in (_PILLOW, *_NAMES) if all(_has(name, letter) for letter in text))
    return next((_font(name, size) for name in names), None)


def without_accents(text: str) -> str:
    """Return a text without accents, which more fonts can draw."""
    return "".join(letter for letter in normalize("NFKD", text) if not combining(letter))


@lru_cache(maxsize=128)
def _font(name: str, size: int) -> Font | None:
    """Load a font. Pillow searches for it in the font folders of this machine."""
    if name == _PILLOW:
        return ImageFont.load_default(size)
    try:
        return ImageFont.truetype(name, size)
    except OSError:
        return None


@lru_cache(maxsize=4096)
def _has(name: str, letter: str) -> bool:
    font = _font(name, _PROBE_SIZE)
    if font is None:
        return False
    # A font cannot be asked whether it has a character: compare with one that no font has.
    drawn, missing = font.getmask(letter), font.getmask(_MISSING)
    return letter.isspace() or drawn.size != missing.size or bytes(drawn) != bytes(missing)
