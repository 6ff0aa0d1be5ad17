"""Operations on detections: a list of objects with a class, a confidence, and a box.

A box is `pixels` (`x` and `y` of its top left corner, `width`, `height`), as `analyzeImages`
returns it; or `x`, `y` of its center with `width` and `height`, as in Roboflow; or `x_min`,
`y_min`, `x_max` and `y_max`. The list may be inside `{"predictions": […]}` or `{"boxes": […]}`.
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
        """The horizontal center."""
        return self.x_min + self.width / 2

    @property
    def y(self) -> float:
        """The vertical center."""
        return self.y_min + self.height / 2

    @property
    def width(self) -> float:
        """The width."""
        return self.x_max - self.x_min

    @property
    def height(self) -> float:
        """The height."""
        return self.y_max - self.y_min

    def offset(self, x_min: float, y_min: float, x_max: float, y_max: float) -> PixelBox:
        """Return the box with an offset added to each edge."""
        return PixelBox(
            self.x_min + x_min, self.y_min + y_min, self.x_max + x_max, self.y_max + y_max
        )


def detections_property(value: Json, property_name: str) -> list[Json]:
    """Return a property of each detection; points are rounded to pixels."""
    found = _values(_items(value), property_name)
    if property_name in _POINTS:
        return [[round(x), round(y)] for x, y in found]
    return found


def detection_property(value: Json, property_name: str) -> Json:
    """Return a property of one detection."""
    return _values(_items([value]), property_name)[0]


def rename_classes(
    value: Json, class_map: dict[str, str], strict: bool, new_classes_id_offset: int
) -> Json:
    """Rename the classes, and update their ids."""
    items = _items(value)
    classes = [str(name) for name in _values(items, "class_name")]
    missing = sorted(set(classes) - class_map.keys())
    if strict and missing:
        raise InvalidInput(
            f"class_map has no {join_names(missing)}; add it, or set `strict: false` to keep such "
            "classes"
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
    """Sort detections by one of their properties, or of their boxes."""
    items = _items(value)
    keys = [require_number(key) for key in _values(items, mode)]
    order = sorted(range(len(items)), key=keys.__getitem__, reverse=not ascending)
    return _replaced(value, [items[index] for index in order])


def grow_boxes(value: Json, offset_x: int, offset_y: int) -> Json:
    """Enlarge boxes, by half of the offset on each side."""
    return _offset(value, (-offset_x / 2, -offset_y / 2, offset_x / 2, offset_y / 2))


def shift_boxes(value: Json, shift_x: int, shift_y: int) -> Json:
    """Shift boxes."""
    return _offset(value, (shift_x, shift_y, shift_x, shift_y))


def keep_in_parent_class(value: Json, parent_class: str) -> Json:
    """Keep the detections of a class, then those whose center lies inside one of them."""
    items = _items(value)
    pairs = list(zip(items, _values(items, "class_name"), strict=True))
    parents = [item for item, name in pairs if name == parent_class]
    parent_boxes = [_box(item) for item in parents]
    children = [
        item
        for item, name in pairs
        if name != parent_class and _center_is_in(_box(item), parent_boxes)
    ]
    return _replaced(value, [*parents, *children])


def to_roboflow_response(value: Json) -> JsonObject:
    """Return detections in the format of Roboflow's API: boxes by center, the class as `class`."""
    items = _items(value)
    names = _values(items, "class_name") if items else []
    image = value.get("image") if isinstance(value, dict) else None
    predictions = [
        {**_centred(_box(item)), **_other_properties(item), "class": name}
        for item, name in zip(items, names, strict=True)
    ]
    return {"image": image or {"width": None, "height": None}, "predictions": predictions}


def _other_properties(item: JsonObject) -> JsonObject:
    """Return the properties of a detection other than its box."""
    rest = {key: value for key, value in item.items() if key not in _BOX_KEYS}
    return {"class" if key in _CLASS else key: value for key, value in rest.items()}


def _items(value: Json) -> list[JsonObject]:
    items = require_list(value)
    for item in items:
        if not isinstance(item, dict):
            raise InvalidInput(
                f"{shorten(item)} is not a detection: an object with a class and a box"
            )
    return items


def _values(items: list[JsonObject], name: str) -> list[Json]:
    """Return a property of each detection, computed from its box or as it is."""
    if of_box := _OF_BOX.get(name):
        return [_exact(of_box(_box(item))) for item in items]
    keys = _CLASS if name == "class_name" else (name,)
    known = dict.fromkeys(key for item in items for key in item)
    if items and not any(key in known for key in keys):
        names = [*_OF_BOX, *known]
        message = (
            f"the detections have no {name}; they have {join_names(known)}, and from their boxes: "
        )
        raise InvalidInput(message + ", ".join(_OF_BOX) + did_you_mean(name, names))
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
        f"{shorten(item)} has no box; add pixels, or x, y, width and height, or x_min, y_min, "
        "x_max and y_max"
    )


def _offset(value: Json, offsets: tuple[float, float, float, float]) -> Json:
    return _replaced(value, [_boxed(item, _box(item).offset(*offsets)) for item in _items(value)])


def _boxed(item: JsonObject, box: PixelBox) -> JsonObject:
    """Return a detection with another box, in the format it had.

    `relative` is dropped: computing it would need the size of the image.
    """
    others = {key: value for key, value in item.items() if key != "relative"}
    if "pixels" in item:
        corner = {"x": box.x_min, "y": box.y_min, "width": box.width, "height": box.height}
        return {**others, "pixels": _plain(corner)}
    if item.keys() >= set(PixelBox._fields):
        return {**others, **_plain(box._asdict())}
    return {**others, **_centred(box)}


def _centred(box: PixelBox) -> JsonObject:
    return _plain({"x": box.x, "y": box.y, "width": box.width, "height": box.height})


def _plain(numbers: Mapping[str, float]) -> JsonObject:
    return {key: _exact(number) for key, number in numbers.items()}


def _exact(value: Json) -> Json:
    """Return whole numbers as int, also in a point."""
    if isinstance(value, list):
        return [_exact(item) for item in value]
    return int(value) if value == int(value) else value


def _center_is_in(box: PixelBox, outer: Iterable[PixelBox]) -> bool:
    return any(o.x_min <= box.x <= o.x_max and o.y_min <= box.y <= o.y_max for o in outer)


def _named(item: JsonObject, name: str, ids: Mapping[str, Json]) -> JsonObject:
    key = next(key for key in _CLASS if key in item)
    return item | {key: name} | ({"class_id": ids[name]} if "class_id" in item else {})


def _replaced(value: Json, items: list[JsonObject]) -> Json:
    """Return new detections in the wrapper of the old ones."""
    key = wrapper_key(value)
    return {**value, key: items} if key else items


def _most(items: list[JsonObject], name: str, sign: int) -> int:
    keys = [sign * require_number(key) for key in _values(items, name)]
    return keys.index(max(keys))


_CLASS = ("class_name", "class", "label")
_CENTRED = ("x", "y", "width", "height")
_BOX_KEYS = (*_CENTRED, *PixelBox._fields, "pixels", "relative")
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
