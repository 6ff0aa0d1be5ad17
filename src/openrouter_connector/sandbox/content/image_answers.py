"""Choose the values of a JSON answer about an image: which class, box, text; the schema decides.

{"class": {"enum": ["boat", "house"]}, "confidence": …}  →  {"class": "boat", "confidence": 0.96}
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from openrouter_connector.values import Json, JsonObject

from .image_areas import Area
from .image_inspection import InspectedImage
from .schema_instance import type_of

BOX_NAMES = {"box", "bbox", "box2d", "bbox2d", "boundingbox"}
SCALE = 1000
MIN_SHARE = 0.02
"""The share of the image that a colour must have to be named."""
TEXT_WORDS = {"text", "texts", "ocr", "transcription", "inscription", "words", "written", "says"}
COLOUR_WORDS = {"color", "colors", "colour", "colours"}
CONFIDENCE_WORDS = {"confidence", "score", "probability", "certainty", "likelihood"}
COUNT_WORDS = {"count", "number", "amount", "quantity", "total"}
CENTRE = Area((0.2, 0.2, 0.8, 0.8), "")
"""The guessed area of an image in which nothing stands out."""


@dataclass(frozen=True, slots=True)
class ImageSubject:
    """What an instance of a schema describes: an image, an area of it, or one label for it."""

    image: InspectedImage
    area: Area | None = None
    index: int = 0
    label: str | None = None

    def suggest(self, schema: JsonObject, kind: str, name: str) -> Json:
        """Return a value for the property `name`, or None to leave it to the schema."""
        if schema.get("enum"):
            return self._choose(schema["enum"])
        described = words(f"{name} {schema.get('description', '')}")
        if kind == "array":
            return self._box(schema, name)
        if kind == "string" and not schema.keys() & {"format", "pattern"}:
            return self._text(described, words(name))
        if kind in ("number", "integer"):
            return self._number(schema, name, described)
        if kind == "boolean":
            return bool(words(name) & self._image_words())
        return None

    def item_subjects(self, item: JsonObject) -> Sequence[ImageSubject]:
        """Return the subjects of the items of a list, by the schema of an item; none if unclear."""
        properties = item.get("properties", {})
        if any(map(is_box, properties)) or {"x_min", "y_min"} <= properties.keys():
            areas = self.image.areas or [CENTRE]
            return [ImageSubject(self.image, area, index) for index, area in enumerate(areas)]
        enums = (schema.get("enum") for schema in (item, *properties.values()))
        if choices := next(filter(None, enums), None):
            return self._labelled(self._matches(choices) or [self._choose(choices)])
        if type_of(item) == "string":
            return self._labelled([name for name, _ in self.image.colours])
        return []

    def _labelled(self, labels: list[Json]) -> list[ImageSubject]:
        return [
            ImageSubject(self.image, None, index, str(label))
            for index, label in enumerate(labels[:3])
        ]

    def _choose(self, choices: list[Json]) -> Json:
        """Choose what matches the image, or else always the same for this image."""
        if self.label is not None and self.label in choices:
            return self.label
        if matches := self._matches(choices):
            return matches[0]
        # By the hash of the image, so that a list of images shows more than one class.
        return choices[(self.image.digest[0] + self.index) % len(choices)]

    def _matches(self, choices: list[Json]) -> list[Json]:
        """Return the choices that are in the image's text, its colours, its type or its shape."""
        text_words = words(self.image.header.text or "")
        colours = [self.area.colour] if self.area else self._main_colours()
        by_text = [one for one in choices if (own := words(str(one))) and own <= text_words]
        by_colour = [one for name in colours for one in choices if name in words(str(one))]
        if self.area:
            return list(dict.fromkeys(by_colour + by_text))
        image_words = self._image_words()
        by_kind = [one for one in choices if (own := words(str(one))) and own <= image_words]
        return list(dict.fromkeys(by_text + by_colour + by_kind))

    def _main_colours(self) -> list[str]:
        return [name for name, share in self.image.colours if share >= MIN_SHARE]

    def _image_words(self) -> set[str]:
        """Return the words that describe the image as a whole."""
        header = self.image.header
        orientation = "wide" if header.width > header.height else "tall"
        shape = "square" if header.width == header.height else orientation
        general = {"picture", "image", header.format.lower(), shape}
        return (
            general
            | set(self._main_colours())
            | words(self.image.brightness)
            | words(header.text or "")
        )

    def _box(self, schema: JsonObject, name: str) -> Json:
        """Return the box in thousandths, or in the scale and the order that the schema states."""
        is_numeric = type_of(schema.get("items", {})) in ("number", "integer")
        if not is_box(name) or not is_numeric:
            return None
        left, top, right, bottom = (self.area or CENTRE).box
        stated = re.findall("[xy](?=_?min)", schema.get("description", ""))
        # Models that were trained to return `box_2d` put y first.
        y_first = stated == ["y", "x"] if stated else name == "box_2d"
        sides = (top, left, bottom, right) if y_first else (left, top, right, bottom)
        scale = schema.get("items", {}).get("maximum", SCALE)
        return [round(side * scale) if scale > 1 else round(side * scale, 4) for side in sides]

    def _text(self, described: set[str], name: set[str]) -> str:
        if self.label is not None:
            return self.label
        if self.area is not None:
            return f"{self.area.colour} area".strip()
        if name & TEXT_WORDS or (described & TEXT_WORDS and not described & COLOUR_WORDS):
            return self.image.header.text or "[sandbox] No readable text."
        if described & COLOUR_WORDS:
            return self.image.colours[0][0]
        return f"[sandbox] {self.image}"

    def _number(self, schema: JsonObject, name: str, described: set[str]) -> float | int | None:
        if described & CONFIDENCE_WORDS:
            share = self._confidence()
            return round(share * 100) if schema.get("maximum") == 100 else share
        if self.area is not None and (side := self._side(name.lower())) is not None:
            return side
        if described & COUNT_WORDS:
            return len(self.image.areas)
        sizes = {"width": self.image.header.width, "height": self.image.header.height}
        return sizes.get(name.lower())

    def _confidence(self) -> float:
        """Return a high confidence for what was found, a low one for guesses."""
        # A guess must fall below the thresholds that people filter by.
        if self.area is CENTRE:
            return 0.35
        found = (
            self.area is not None or self.label is not None or self.image.header.text is not None
        )
        return round((0.96 if found else 0.6) - 0.07 * self.index, 2)

    def _side(self, name: str) -> int | None:
        left, top, right, bottom = (round(side * SCALE) for side in (self.area or CENTRE).box)
        sides = {"x_min": left, "y_min": top, "x_max": right, "y_max": bottom}
        sides |= {"left": left, "top": top, "right": right, "bottom": bottom, "x": left, "y": top}
        return (sides | {"width": right - left, "height": bottom - top}).get(name)


def is_box(name: str) -> bool:
    """Whether a property of this name is a bounding box."""
    return name.replace("_", "").lower() in BOX_NAMES


def words(text: str) -> set[str]:
    """Return the lower-case words of a text or of a name: mainColour has two."""
    separated = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)
    return {word.casefold() for word in re.findall(r"[^\W_]+", separated)}
