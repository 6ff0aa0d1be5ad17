"""What an answer says of a picture: which class, which box, which words; the schema decides.

{"class": {"enum": ["boat", "house"]}, "confidence": …}  →  {"class": "boat", "confidence": 0.96}
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from openrouter_connector.values import Json, JsonObject

from .image_areas import Area
from .image_inspection import Look
from .schema_instance import kind_of

BOXES = {"box", "bbox", "box2d", "bbox2d", "boundingbox"}
SCALE = 1000
LEAST_SEEN = 0.02
"""The share of a picture that a colour must have to be named."""
TEXTS = {"text", "texts", "ocr", "transcription", "inscription", "words", "written", "says"}
COLOURS = {"color", "colors", "colour", "colours"}
SURE = {"confidence", "score", "probability", "certainty", "likelihood"}
COUNTS = {"count", "number", "amount", "quantity", "total"}
MIDDLE = Area((0.2, 0.2, 0.8, 0.8), "")
"""Where something is in a picture in which nothing stands out."""


@dataclass(frozen=True, slots=True)
class AboutPicture:
    """What an instance of a schema is about: a picture, an area in it, or one word for it."""

    look: Look
    area: Area | None = None
    place: int = 0
    word: str | None = None

    def say(self, schema: JsonObject, kind: str, name: str) -> Json:
        """Suggest a value for what a schema calls `name`; None leaves it to the schema."""
        if schema.get("enum"):
            return self._chosen(schema["enum"])
        asked = words(f"{name} {schema.get('description', '')}")
        if kind == "array":
            return self._box(schema, name)
        if kind == "string" and not schema.keys() & {"format", "pattern"}:
            return self._text(asked, words(name))
        if kind in ("number", "integer"):
            return self._number(schema, name, asked)
        if kind == "boolean":
            return bool(words(name) & self._seen())
        return None

    def parts(self, item: JsonObject) -> Sequence[AboutPicture]:
        """Tell what the items of a list are about, by the schema of one; none if all is one."""
        inner = item.get("properties", {})
        if any(map(_is_box, inner)) or {"x_min", "y_min"} <= inner.keys():
            found = self.look.areas or [MIDDLE]
            return [AboutPicture(self.look, area, place) for place, area in enumerate(found)]
        listed = (one.get("enum") for one in (item, *inner.values()))
        if choices := next(filter(None, listed), None):
            chosen = self._fitting(choices) or [self._chosen(choices)]
            return self._worded(chosen)
        if kind_of(item) == "string":
            return self._worded([name for name, _ in self.look.colours])
        return []

    def _worded(self, found: list[Json]) -> list[AboutPicture]:
        return [
            AboutPicture(self.look, None, place, str(word)) for place, word in enumerate(found[:3])
        ]

    def _chosen(self, choices: list[Json]) -> Json:
        """Choose what fits, else always the same for the same picture and place."""
        if self.word is not None and self.word in choices:
            return self.word
        if fitting := self._fitting(choices):
            return fitting[0]
        return choices[(self.look.digest[0] + self.place) % len(choices)]

    def _fitting(self, choices: list[Json]) -> list[Json]:
        """List the choices that the picture names: in its text, by its colours, by its kind."""
        says = words(self.look.glance.says or "")
        colours = [name for name, share in self.look.colours if share >= LEAST_SEEN]
        seen = [self.area.colour] if self.area else colours
        of_text = [one for one in choices if (own := words(str(one))) and own <= says]
        of_colour = [one for name in seen for one in choices if name in words(str(one))]
        of_kind = [one for one in choices if (own := words(str(one))) and own <= self._seen()]
        found = of_colour + of_text if self.area else of_text + of_colour
        return list(dict.fromkeys(found + ([] if self.area else of_kind)))

    def _seen(self) -> set[str]:
        """Give the words for the picture as a whole."""
        glance = self.look.glance
        side = "wide" if glance.width > glance.height else "tall"
        shape = "square" if glance.width == glance.height else side
        colours = {name for name, share in self.look.colours if share >= LEAST_SEEN}
        plain = {"picture", "image", glance.form.lower(), shape}
        return plain | colours | words(self.look.light) | words(glance.says or "")

    def _box(self, schema: JsonObject, name: str) -> Json:
        """Give the sides in thousandths, or on the scale and in the order that the schema names."""
        numbers = kind_of(schema.get("items", {})) in ("number", "integer")
        if not _is_box(name) or not numbers:
            return None
        left, top, right, bottom = (self.area or MIDDLE).box
        named = re.findall("[xy](?=_?min)", schema.get("description", ""))
        rows_first = named == ["y", "x"] if named else name == "box_2d"  # as by custom
        sides = (top, left, bottom, right) if rows_first else (left, top, right, bottom)
        scale = schema.get("items", {}).get("maximum", SCALE)
        return [round(side * scale) if scale > 1 else round(side * scale, 4) for side in sides]

    def _text(self, asked: set[str], name: set[str]) -> str:
        if self.word is not None:
            return self.word
        if self.area is not None:
            return f"{self.area.colour} area".strip()
        if name & TEXTS or (asked & TEXTS and not asked & COLOURS):
            return self.look.glance.says or "[sandbox] no text that a sandbox wrote"
        if asked & COLOURS:
            return self.look.colours[0][0]
        return f"[sandbox] {self.look}"

    def _number(self, schema: JsonObject, name: str, asked: set[str]) -> float | int | None:
        if asked & SURE:
            share = self._sureness()
            return round(share * 100) if schema.get("maximum") == 100 else share
        if self.area is not None and (side := self._side(name.lower())) is not None:
            return side
        if asked & COUNTS:
            return len(self.look.areas)
        sizes = {"width": self.look.glance.width, "height": self.look.glance.height}
        return sizes.get(name.lower())

    def _sureness(self) -> float:
        """Be sure of what was found, and less so of what was guessed."""
        if self.area is MIDDLE:
            return 0.35
        known = self.area is not None or self.word is not None or self.look.glance.says is not None
        return round((0.96 if known else 0.6) - 0.07 * self.place, 2)

    def _side(self, name: str) -> int | None:
        left, top, right, bottom = (round(side * SCALE) for side in (self.area or MIDDLE).box)
        sides = {"x_min": left, "y_min": top, "x_max": right, "y_max": bottom}
        sides |= {"left": left, "top": top, "right": right, "bottom": bottom, "x": left, "y": top}
        return (sides | {"width": right - left, "height": bottom - top}).get(name)


def strayed(value: Json, *, spared: bool = False) -> Json:
    """Give an answer whose boxes lie partly outside, and whose classes nobody asked for.

    Of a list the first keeps its class, and one alone gets company.
    """
    if isinstance(value, list):
        found = [strayed(one, spared=place == 0) for place, one in enumerate(value)]
        alone = len(value) == 1 and isinstance(value[0], dict)
        return [*found, strayed(value[0])] if alone else found
    if not isinstance(value, dict):
        return value
    changed = {name: strayed(one) for name, one in value.items()}
    for name, one in value.items():
        if _is_box(name) and isinstance(one, list) and len(one) == 4:
            left, top, right, _ = one
            changed[name] = [-(right - left) // 4 - 1, top, right, round(1.04 * SCALE)]
        elif name.lower() in CLASSES and isinstance(one, str) and not spared:
            changed[name] = "something unasked-for"
    return changed


CLASSES = {"class", "label", "category"}


def _is_box(name: str) -> bool:
    return name.replace("_", "").lower() in BOXES


def words(text: str) -> set[str]:
    """Give the words of a text or a name, in small letters: mainColour has two."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)
    return {word.casefold() for word in re.findall(r"[^\W_]+", apart)}
