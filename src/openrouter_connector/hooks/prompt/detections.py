"""Operations on what was detected: a list of objects that have a class, a confidence, and a box.

A box is `pixels` (`x` and `y` of its upper left corner, `width`, `height`), as `analyzeImages`
gives it; or `x`, `y` of its centre with `width` and `height`, as Roboflow does; or `x_min`,
`y_min`, `x_max` and `y_max`. The list may stand in `{"predictions": [...]}` or `{"boxes": [...]}`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from ...suggest import did_you_mean, join_names
from ...values import Json, JsonObject
from .inputs import InvalidInput, shorten
from .plain_data import require_list, require_number, wrapper_key


class PixelBox(NamedTuple):
    """The edges of a box, in pixels."""

    x_min: float
    y_min: float
    x_max: float
    y_max: float

    @property
    def x(self) -> float:
        """The middle, from the left."""
        return self.x_min + self.width / 2

    @property
    def y(self) -> float:
        """The middle, from above."""
        return self.y_min + self.height / 2

    @property
    def width(self) -> float:
        """How wide it is."""
        return self.x_max - self.x_min

    @property
    def height(self) -> float:
        """How high it is."""
        return self.y_max - self.y_min

    def moved(self, left: float, up: float, right: float, down: float) -> PixelBox:
        """Give the box with each edge moved, to the right and down."""
        return PixelBox(self.x_min + left, self.y_min + up, self.x_max + right, self.y_max + down)


def detections_property(value: Json, property_name: str) -> list[Json]:
    """Give a property of each detection; points are rounded to pixels."""
    found = _values(_items(value), property_name)
    if property_name in _POINTS:
        return [[round(x), round(y)] for x, y in found]
    return found


def detection_property(value: Json, property_name: str) -> Json:
    """Give a property of one detection."""
    return _values(_items([value]), property_name)[0]


def rename_classes(
    value: Json, class_map: dict[str, str], strict: bool, new_classes_id_offset: int
) -> Json:
    """Give the classes other names, and the ids that go with these."""
    items = _items(value)
    classes = [str(one) for one in _values(items, "class_name")]
    lacking = sorted(set(classes) - class_map.keys())
    if strict and lacking:
        raise InvalidInput(
            f"class_map has no {join_names(lacking)}; `strict: false` leaves such as they are"
        )
    if strict:
        ids = {name: at for at, name in enumerate(sorted(set(class_map.values())))}
    else:
        pairs = zip(classes, items, strict=True)
        ids = {name: item["class_id"] for name, item in pairs if "class_id" in item}
        new = sorted(set(class_map.values()) - ids.keys())
        ids |= {name: new_classes_id_offset + at for at, name in enumerate(new)}
    names = [class_map.get(name, name) for name in classes]
    return _replaced(
        value, [_named(item, name, ids) for item, name in zip(items, names, strict=True)]
    )


def select_detection(value: Json, mode: str) -> Json:
    """Keep one detection."""
    items = _items(value)
    if not items:
        return value
    index = SELECTIONS[mode](items)
    return _replaced(value, [items[index]])


def sort_detections(value: Json, mode: str, ascending: bool) -> Json:
    """Sort detections by a property of their own or of their box."""
    items = _items(value)
    keys = [require_number(key) for key in _values(items, mode)]
    order = sorted(range(len(items)), key=keys.__getitem__, reverse=not ascending)
    return _replaced(value, [items[index] for index in order])


def grow_boxes(value: Json, offset_x: int, offset_y: int) -> Json:
    """Make boxes larger, by half of it on each side."""
    return _moved(value, (-offset_x / 2, -offset_y / 2, offset_x / 2, offset_y / 2))


def shift_boxes(value: Json, shift_x: int, shift_y: int) -> Json:
    """Move boxes."""
    return _moved(value, (shift_x, shift_y, shift_x, shift_y))


def keep_in_parent_class(value: Json, parent_class: str) -> Json:
    """Keep the detections of a class, and then those whose centre lies in one of them."""
    items = _items(value)
    pairs = list(zip(items, _values(items, "class_name"), strict=True))
    parents = [item for item, name in pairs if name == parent_class]
    around = [_box(item) for item in parents]
    children = [
        item for item, name in pairs if name != parent_class and _lies_in(_box(item), around)
    ]
    return _replaced(value, [*parents, *children])


def to_roboflow_response(value: Json) -> JsonObject:
    """Write detections as Roboflow's API answers: boxes by their centres, the class as `class`."""
    items = _items(value)
    names = _values(items, "class_name") if items else []
    image = value.get("image") if isinstance(value, dict) else None
    predictions = [
        {**_centred(_box(item)), **_told(item), "class": name}
        for item, name in zip(items, names, strict=True)
    ]
    return {"image": image or {"width": None, "height": None}, "predictions": predictions}


def _told(item: JsonObject) -> JsonObject:
    """Give what is told of a detection besides its box."""
    told = {key: one for key, one in item.items() if key not in _PLACES}
    return {"class" if key in _CLASS else key: one for key, one in told.items()}


def _items(value: Json) -> list[JsonObject]:
    items = require_list(value)
    for item in items:
        if not isinstance(item, dict):
            raise InvalidInput(
                f"{shorten(item)} is not a detection: an object with a class and a box"
            )
    return items


def _values(items: list[JsonObject], name: str) -> list[Json]:
    """Give a property of each, computed from the box or as it stands there."""
    if of_box := _OF_BOX.get(name):
        return [_exact(of_box(_box(item))) for item in items]
    keys = _CLASS if name == "class_name" else (name,)
    known = dict.fromkeys(key for item in items for key in item)
    if items and not any(key in known for key in keys):
        names = [*_OF_BOX, *known]
        told = (
            f"the detections have no {name}; they have {join_names(known)}, and what a box tells: "
        )
        raise InvalidInput(told + ", ".join(_OF_BOX) + did_you_mean(name, names))
    return [next((item[key] for key in keys if key in item), None) for item in items]


def _box(item: JsonObject) -> PixelBox:
    pixels = item.get("pixels")
    if isinstance(pixels, dict) and pixels.keys() >= set(_CENTRED):
        x, y, width, height = (require_number(pixels[key]) for key in _CENTRED)
        return PixelBox(x, y, x + width, y + height)
    if item.keys() >= set(PixelBox._fields):
        return PixelBox(*(require_number(item[key]) for key in PixelBox._fields))
    if item.keys() >= set(_CENTRED):
        x, y, width, height = (require_number(item[key]) for key in _CENTRED)
        return PixelBox(x - width / 2, y - height / 2, x + width / 2, y + height / 2)
    raise InvalidInput(
        f"{shorten(item)} has no box: neither pixels, nor x, y, width and height, nor x_min, y_min, "
        "x_max and y_max"
    )


def _moved(value: Json, by: tuple[float, float, float, float]) -> Json:
    return _replaced(value, [_boxed(item, _box(item).moved(*by)) for item in _items(value)])


def _boxed(item: JsonObject, box: PixelBox) -> JsonObject:
    """Give a detection another box, written as it was.

    What is relative to a picture cannot be told without it, and is left out.
    """
    kept = {key: one for key, one in item.items() if key != "relative"}
    if "pixels" in item:
        corner = {"x": box.x_min, "y": box.y_min, "width": box.width, "height": box.height}
        return {**kept, "pixels": _plain(corner)}
    if item.keys() >= set(PixelBox._fields):
        return {**kept, **_plain(box._asdict())}
    return {**kept, **_centred(box)}


def _centred(box: PixelBox) -> JsonObject:
    return _plain({"x": box.x, "y": box.y, "width": box.width, "height": box.height})


def _plain(numbers: Mapping[str, float]) -> JsonObject:
    return {key: _exact(one) for key, one in numbers.items()}


def _exact(value: Json) -> Json:
    """Write whole numbers as such, also those of a point."""
    if isinstance(value, list):
        return [_exact(one) for one in value]
    return int(value) if value == int(value) else value


def _lies_in(box: PixelBox, around: Iterable[PixelBox]) -> bool:
    return any(o.x_min <= box.x <= o.x_max and o.y_min <= box.y <= o.y_max for o in around)


def _named(item: JsonObject, name: str, ids: Mapping[str, Json]) -> JsonObject:
    key = next(key for key in _CLASS if key in item)
    return item | {key: name} | ({"class_id": ids[name]} if "class_id" in item else {})


def _replaced(value: Json, items: list[JsonObject]) -> Json:
    """Give the new detections in what the old ones stood in."""
    key = wrapper_key(value)
    return {**value, key: items} if key else items


def _most(items: list[JsonObject], name: str, sign: int) -> int:
    keys = [sign * require_number(key) for key in _values(items, name)]
    return keys.index(max(keys))


_CLASS = ("class_name", "class", "label")
_CENTRED = ("x", "y", "width", "height")
_PLACES = (*_CENTRED, *PixelBox._fields, "pixels", "relative")
_POINTS: Mapping[str, Callable[[PixelBox], Json]] = {
    "center": lambda box: [box.x, box.y],
    "top_left": lambda box: [box.x_min, box.y_min],
    "top_right": lambda box: [box.x_max, box.y_min],
    "bottom_left": lambda box: [box.x_min, box.y_max],
    "bottom_right": lambda box: [box.x_max, box.y_max],
}
_OF_BOX: Mapping[str, Callable[[PixelBox], Json]] = {
    "x_min": lambda box: box.x_min,
    "y_min": lambda box: box.y_min,
    "x_max": lambda box: box.x_max,
    "y_max": lambda box: box.y_max,
    "center_x": lambda box: box.x,
    "center_y": lambda box: box.y,
    "size": lambda box: box.width * box.height,
    **_POINTS,
}
SELECTIONS: Mapping[str, Callable[[list[JsonObject]], int]] = {
    "first": lambda items: 0,
    "last": lambda items: len(items) - 1,
    "left_most": lambda items: _most(items, "center_x", -1),
    "right_most": lambda items: _most(items, "center_x", 1),
    "top_confidence": lambda items: _most(items, "confidence", 1),
}
