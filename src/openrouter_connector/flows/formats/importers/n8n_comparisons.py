"""Turn the comparisons of n8n's If, Filter and Switch nodes into expressions.

{{ $json.state }} equals new              ─▶   state == 'new'
{{ $json.ups }} is greater than 2         ─▶   ups != null and ups > 2
{{ $json.labels }} does not contain x     ─▶   not contains(labels, 'x')

What n8n treats as an empty text, a missing value among numbers, or true, is so here too. Regular
expressions are not supported, except those that only look for texts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from ....values import Json, JsonObject, an_object
from .n8n_expressions import Converter, shortened
from .texts import quoted

_SIGNS: Mapping[str, str] = {
    "equals": "==", "notEquals": "!=", "gt": ">", "lt": "<", "gte": ">=", "lte": "<=",
    "after": ">", "before": "<", "afterOrEquals": ">=", "beforeOrEquals": "<=",
}  # fmt: skip
_OLD_NAMES: Mapping[str, str] = {
    "equal": "equals", "notEqual": "notEquals", "larger": "gt", "largerEqual": "gte",
    "smaller": "lt", "smallerEqual": "lte", "isEmpty": "empty", "isNotEmpty": "notEmpty",
}  # fmt: skip
"""The operations before version 2 of the nodes, with their names since then."""
_OLD_KINDS: Mapping[str, tuple[str, Json]] = {
    "boolean": ("equal", False), "dateTime": ("after", ""), "number": ("smaller", 0),
    "string": ("equal", ""),
}  # fmt: skip
"""What a comparison has by default before version 2, where defaults are not in the file."""
_LITERAL = re.compile(r"'(?:[^']|'')*'")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_EQUATION = re.compile(r"([\w.]+) (==|!=) ('[^']*'|[\w.]+)")
_CALL = re.compile(r"(?:not )?\w+\((?:'[^']*'|[^'()]|\((?:'[^']*'|[^'()])*\))*\)")
_FALSE = "{'', '0', 'false'}"
"""The texts that count as false where types are converted."""
_EMPTY = "{'', '[]', '{}'}"
_NEVER_NULL = ("size(", "double(", "int(", "now()")
_TEXTS = ("string(", "toLowerCase(", "toUpperCase(", "trim(", "toJson(", "('' +")
_WORDS = re.compile(r"(\^?)((?:[\w\s@#!,;:'\"=<>&%~`-]|\\/|\\-|\\\.|/)+)(\$?)")
"""A regular expression that only looks for a text, perhaps at its start or its end."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two values, and how they are compared."""

    kind: str
    """`string`, `number`, `boolean`, `dateTime`, `array`, `object`."""
    operation: str
    left: Json
    right: Json
    ignores_case: bool = False
    is_loose: bool = False
    """Whether values are converted to the kind; else n8n stops at one of another kind."""
    is_old: bool = False
    """Whether it is of a node before version 2, which converts values in its own way."""

    def __str__(self) -> str:
        has_right = self.right not in (None, "") and self.operation not in _UNARY
        values = [self.left, self.operation, *([self.right] if has_right else [])]
        return shortened(" ".join(str(value).removeprefix("=") for value in values))


@dataclass(frozen=True, slots=True)
class Test:
    """Comparisons of which all must hold, or any."""

    comparisons: tuple[Comparison, ...]
    is_any: bool = False

    def __str__(self) -> str:
        parts = (" or " if self.is_any else " and ").join(map(str, self.comparisons))
        return parts or "no comparison"

    def expression(self, converter: Converter) -> str | None:
        """Return the test as an expression; None if one cannot say it."""
        parts = [_written(one, converter) for one in self.comparisons]
        known = [part for part in parts if part is not None]
        if len(known) < len(parts) or not known:
            return None
        if len(known) == 1:
            return known[0]
        return (" or " if self.is_any else " and ").join(map(_grouped, known))

    def values(self, converter: Converter) -> Iterator[tuple[str, str, bool]]:
        """Yield the expressions that are compared, their kind, and whether they may be missing."""
        for one in self.comparisons:
            kind = "" if one.operation in ("exists", "notExists") else one.kind
            may_be_missing = not kind or one.operation in _EMPTINESS
            if found := converter.expression(one.left):
                yield found, kind, may_be_missing
            is_alike = kind in ("number", "boolean") and one.operation not in _UNARY
            if is_alike and (found := converter.expression(one.right)):
                yield found, kind, False


def read_test(parameters: JsonObject) -> Test:
    """Return what an If, a Filter or a rule of a Switch tests, of any version."""
    found, settings = an_object(parameters.get("conditions")), an_object(parameters.get("options"))
    listed = found.get("conditions")
    if not isinstance(listed, list):
        old = tuple(one for kind in _OLD_KINDS for one in _old_comparisons(kind, found.get(kind)))
        combined = parameters.get("combineOperation", parameters.get("combineConditions"))
        return Test(old, combined in ("any", "OR"))
    options = an_object(found.get("options"))
    ignores_case = not options.get("caseSensitive", not settings.get("ignoreCase", False))
    loose = (options.get("typeValidation") == "loose", parameters.get("looseTypeValidation"),
             settings.get("looseTypeValidation"))  # fmt: skip
    comparisons = tuple(
        _comparison(an_object(one), ignores_case=ignores_case, is_loose=any(loose))
        for one in listed
    )
    return Test(comparisons, found.get("combinator") == "or")


def old_comparison(kind: str, one: JsonObject) -> Comparison:
    """Return a comparison of a node before version 2: `{value1, operation, value2}`."""
    operation, value = _OLD_KINDS.get(kind, ("equal", ""))
    operation = str(one.get("operation", operation))
    left, right = one.get("value1", value), one.get("value2", value)
    return Comparison(kind, _OLD_NAMES.get(operation, operation), left, right, is_old=True)


def negated(expression: str) -> str:
    """Return the opposite of an expression: `x != 1` of `x == 1`, `not f(x)` of `f(x)`."""
    if found := _EQUATION.fullmatch(expression):
        left, sign, right = found.groups()
        return f"{left} {'!=' if sign == '==' else '=='} {right}"
    if _CALL.fullmatch(expression):
        return expression[4:] if expression.startswith("not ") else f"not {expression}"
    return f"not ({expression})"


def _old_comparisons(kind: str, listed: Json) -> Iterator[Comparison]:
    for one in listed if isinstance(listed, list) else ():
        yield old_comparison(kind, an_object(one))


def _comparison(one: JsonObject, *, ignores_case: bool, is_loose: bool) -> Comparison:
    operator = an_object(one.get("operator"))
    kind, operation = str(operator.get("type", "string")), str(operator.get("operation", "equals"))
    left, right = one.get("leftValue", ""), one.get("rightValue", "")
    return Comparison(kind, operation, left, right, ignores_case, is_loose)


def _written(one: Comparison, converter: Converter) -> str | None:
    """Return a comparison as an expression; None if one cannot say it."""
    is_condition = one.operation in ("true", "false") or isinstance(one.right, bool)
    left = converter.expression(one.left, is_condition=is_condition)
    if left is None:
        return None
    is_value = one.kind in ("number", "boolean", "dateTime") and not one.is_old
    if one.operation in ("exists", "notExists") or (is_value and one.operation in _EMPTINESS):
        return f"{left} {'!=' if one.operation in ('exists', 'notEmpty') else '=='} null"
    right = "''" if one.operation in _UNARY else converter.expression(one.right)
    write = _WRITERS.get(one.kind)
    if right is None or write is None:
        return None
    if one.operation.startswith("not") and one.operation != "notEquals":
        positive = one.operation[3:4].lower() + one.operation[4:]
        found = write(one, positive, left, right)
        return negated(found) if found else None
    return write(one, one.operation, left, right)


_EMPTINESS = ("empty", "notEmpty")
_UNARY = ("exists", "notExists", "true", "false", *_EMPTINESS)


def _grouped(expression: str) -> str:
    """Return an expression in brackets, if `and` or `or` may hold its parts together."""
    return f"({expression})" if re.search(" and | or ", expression) else expression


def _of_texts(one: Comparison, operation: str, left: str, right: str) -> str | None:
    is_plain = not (one.is_loose or one.is_old) and right != "''" and _is_literal(right)
    text = _as_text(left)
    if operation == "empty":
        found = text if one.is_loose else left
        return f"contains({_EMPTY}, {text})" if one.is_old else f"isEmpty({found})"
    if operation == "regex":
        return _of_words(one, text)
    if operation in ("equals", "notEquals"):
        if one.ignores_case:
            return f"{'not ' * (operation != 'equals')}equalsIgnoreCase({left}, {right})"
        if not (is_plain or one.is_old):
            left, right = text, _as_text(right)
        return f"{left} {_SIGNS[operation]} {right}"
    if operation not in ("contains", "startsWith", "endsWith"):
        return None
    if one.ignores_case:
        right = right.lower() if _is_literal(right) else f"toLowerCase({_as_text(right)})"
        return f"{operation}(toLowerCase({text}), {right})"
    if is_plain and operation == "contains":
        return f"contains({left}, {right})"
    return f"{operation}({text}, {_as_text(right)})"


def _of_words(one: Comparison, text: str) -> str | None:
    """Return a regular expression that only looks for texts, such as `^/start` or `yes|no`."""
    pattern = str(one.right)
    slashed = re.fullmatch(r"/(.*)/([gi]*)", pattern, re.DOTALL)
    ignores_case = one.ignores_case
    if slashed:
        pattern, ignores_case = slashed[1], ignores_case or "i" in slashed[2]
    found = [_WORDS.fullmatch(word) for word in pattern.split("|")]
    if pattern.startswith("=") or not all(found):
        return None
    text = f"toLowerCase({text})" if ignores_case else text
    parts = []
    for start, word, end in (one.groups() for one in found if one):
        plain = re.sub(r"\\(.)", r"\1", word)
        value = quoted(plain.lower() if ignores_case else plain)
        name = {(True, False): "startsWith", (False, True): "endsWith"}.get(
            (bool(start), bool(end))
        )
        whole = f"{text} == {value}"
        parts.append(whole if start and end else f"{name or 'contains'}({text}, {value})")
    return " or ".join(parts)


def _of_numbers(one: Comparison, operation: str, left: str, right: str) -> str | None:
    if operation == "empty":
        return f"contains({_EMPTY}, {_as_text(left)})"
    if operation not in _SIGNS:
        return None
    if one.is_old:
        if operation not in ("equals", "notEquals"):
            left, right = (
                one if _NUMBER.fullmatch(one) else f"double({one} ?: 0)" for one in (left, right)
            )
        return f"{left} {_SIGNS[operation]} {right}"
    numbers = [_as_number(value, one.is_loose) for value in (left, right)]
    if None in numbers:
        return None
    compared = f"{numbers[0]} {_SIGNS[operation]} {numbers[1]}"
    if operation in ("equals", "notEquals") and not one.is_loose:
        return compared
    return _unless_null(operation, (left, right), compared)


def _as_number(value: str, is_loose: bool) -> str | None:
    if _NUMBER.fullmatch(value) or value.startswith(_NEVER_NULL):
        return value
    if _is_literal(value):
        return value[1:-1] if _NUMBER.fullmatch(value[1:-1]) else None
    return f"double({value})" if is_loose else value


def _unless_null(operation: str, values: tuple[str, ...], compared: str) -> str:
    """Return a comparison that does not hold with a missing value; one with `!=` does."""
    may_be_null = [
        value
        for value in values
        if not (_NUMBER.fullmatch(value) or _is_literal(value) or value.startswith(_NEVER_NULL))
    ]
    if operation == "notEquals":
        return " or ".join([*(f"{one} == null" for one in may_be_null), compared])
    return " and ".join([*(f"{one} != null" for one in may_be_null), compared])


def _of_booleans(one: Comparison, operation: str, left: str, right: str) -> str | None:
    if operation in ("true", "false"):
        right, wanted = "true", operation == "true"
    elif operation in ("equals", "notEquals"):
        right = right[1:-1].lower() if _is_literal(right) else right
        wanted = operation == "equals"
    else:
        return None
    if not one.is_loose and right:
        return f"{left} {'==' if wanted else '!='} {right}"
    if right not in ("true", "false"):
        return None
    is_true = (right == "true") == wanted
    found = f"{'not ' * is_true}contains({_FALSE}, toLowerCase({_as_text(left)}))"
    return _unless_null(operation, (left,), found) if right == "false" else found


def _of_dates(one: Comparison, operation: str, left: str, right: str) -> str | None:
    if operation not in _SIGNS:
        return None
    # In one time zone, ISO 8601 texts are in the order of their times.
    compared = f"atZone({left}, 'UTC') {_SIGNS[operation]} atZone({right}, 'UTC')"
    return _unless_null(operation, (left, right), compared)


def _of_lists(one: Comparison, operation: str, left: str, right: str) -> str | None:
    if operation == "empty":
        return f"isEmpty({left})"
    if operation == "contains":
        is_exact = not one.ignores_case or _NUMBER.fullmatch(right)
        return f"contains({left}, {right})" if is_exact else None
    name = operation.removeprefix("length")
    sign = _SIGNS.get(name[:1].lower() + name[1:])
    number = _as_number(right, is_loose=True)
    return f"size({left}) {sign} {number}" if sign and number and name != operation else None


def _of_objects(one: Comparison, operation: str, left: str, right: str) -> str | None:
    return f"isEmpty({left})" if operation == "empty" else None


def _is_literal(value: str) -> bool:
    return _LITERAL.fullmatch(value) is not None


def _as_text(value: str) -> str:
    return value if _is_literal(value) or value.startswith(_TEXTS) else f"string({value})"


_WRITERS: Mapping[str, Callable[[Comparison, str, str, str], str | None]] = {
    "array": _of_lists,
    "boolean": _of_booleans,
    "dateTime": _of_dates,
    "number": _of_numbers,
    "object": _of_objects,
    "string": _of_texts,
}
