"""Translate JavaScript of n8n's expressions that our language can say; all else stays text.

$json.items.length > 0 ? 'many' : 'none'   ─▶   size(items) > 0 ? 'many' : 'none'
`Dear ${$json.name}`                       ─▶   'Dear ' + name
JSON.stringify($json.data, null, 2)        ─▶   toJson(data)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from .texts import quoted

LONGEST = 2000  # characters of code that are read
_DEEPEST = 30
_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")|(?P<number>\d+(?:\.\d+)?)"
    r"|(?P<template>`(?:[^`\\]|\\.)*`)|(?P<name>[A-Za-z_$][\w$]*)"
    r"|(?P<sign>===|!==|==|!=|<=|>=|&&|\|\||\?\?|\?\.|[?:+\-*%<>!().,\[\]{}]))",
    re.DOTALL,
)
_COMPARISONS: Mapping[str, str] = {
    "===": "==", "==": "==", "!==": "!=", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">=",
}  # fmt: skip
_METHODS: Mapping[str, tuple[str, int]] = {
    "endsWith": ("endsWith", 1),
    "includes": ("contains", 1),
    "indexOf": ("indexOf", 1),
    "keys": ("keySet", 0),
    "startsWith": ("startsWith", 1),
    "toJsonString": ("toJson", 0),
    "toLowerCase": ("toLowerCase", 0),
    "toNumber": ("double", 0),
    "toString": ("string", 0),
    "toUpperCase": ("toUpperCase", 0),
    "trim": ("trim", 0),
}
"""Methods with a function of the same meaning, and how many arguments they take."""
_TEXTS = ("'", "(''", "toJson(", "string(", "format(")
"""How expressions begin that are texts."""
_DATES = ("format", "toFormat")
_CASTS = {"String": "string", "Number": "double", "parseFloat": "double", "parseInt": "int"}
_MOVES = ("minus", "plus")
_TESTS = ("endsWith", "includes", "startsWith")
_CONSTANTS = {
    "true": "true", "false": "false", "null": "null", "undefined": "null", "$now": "now()",
    # A flow runs a step once, for one item.
    "$runIndex": "0", "$itemIndex": "0",
}  # fmt: skip
ReadAt = Callable[[str, int], tuple[str, int] | None]
"""Returns the expression for what is read at a position of the code, and where that ends."""


class _Refused(Exception):
    """The code says more than our language can."""


def translated(code: str, read: ReadAt, *, is_condition: bool = False) -> str | None:
    """Return the expression of the same meaning; None if the code is more than one can say.

    Of a condition only the truth is the same: the value of `a && b` is one of its parts.
    """
    if len(code) > LONGEST:
        return None
    try:
        parser = _Parser(code.strip().removesuffix(";"), read)
        found = parser.whole(is_condition=is_condition)
    except _Refused:
        return None
    return found if len(found) < LONGEST else None


class _Parser:
    """Reads JavaScript from left to right, and writes our language."""

    def __init__(self, code: str, read: ReadAt) -> None:
        self._code = code
        self._read = read
        self._at = 0
        self._depth = 0
        self._booleans: set[str] = set()
        """The expressions so far that are true or false."""

    def whole(self, *, is_condition: bool = False) -> str:
        """Return the expression that is all of the code."""
        found = self._choice(is_condition=is_condition)
        if self._code[self._at :].strip():
            raise _Refused
        return found

    def _choice(self, *, is_condition: bool = False) -> str:
        self._go_deeper()
        value, condition = self._alternatives()
        if self._take("?"):
            one = self._choice()
            self._expect(":")
            value = f"({condition} ? {one} : {self._choice()})"
        self._depth -= 1
        if value is None and not is_condition:
            raise _Refused
        return condition if value is None else value

    def _alternatives(self) -> tuple[str | None, str]:
        """Return parts around `||` or `??` as a value, if they make one, and as a condition."""
        parts = [self._both()]
        is_condition = True
        while (either := self._take("||")) or self._take("??"):
            is_condition = is_condition and either
            parts.append(self._both())
        if len(parts) == 1:
            return parts[0]
        values = [value for value, _ in parts if value is not None]
        value = _group(values, "?:") if len(values) == len(parts) else None
        if self._booleans.intersection(values[:-1]):
            # `?:` takes false, where JavaScript goes on to the next part.
            value = None
        if is_condition:
            condition = _group([condition for _, condition in parts], "or")
            if self._booleans.issuperset(values) and len(values) == len(parts):
                value = self._boolean(condition)
            return value, condition
        if value is None:
            raise _Refused
        return value, value

    def _both(self) -> tuple[str | None, str]:
        parts = [self._compared()]
        while self._take("&&"):
            parts.append(self._compared())
        if len(parts) == 1:
            return parts[0], parts[0]
        # The value of `a && b` is one of its parts; ours is true or false.
        both = _group(parts, "and")
        return (self._boolean(both) if self._booleans.issuperset(parts) else None), both

    def _boolean(self, expression: str) -> str:
        self._booleans.add(expression)
        return expression

    def _compared(self) -> str:
        one = self._sum()
        for sign, ours in _COMPARISONS.items():
            if self._take(sign):
                return self._boolean(f"({one} {ours} {self._sum()})")
        return one

    def _sum(self) -> str:
        """Return a sum of which a part is text: what n8n adds as numbers may be text in a flow."""
        parts = [self._unary()]
        while self._take("+"):
            parts.append(self._unary())
        if len(parts) == 1:
            return parts[0]
        if not any(part.startswith(_TEXTS) for part in parts[:2]):
            raise _Refused
        return _group(parts, "+")

    def _unary(self) -> str:
        sign = next((one for one in "!-" if self._take(one)), "")
        if not sign:
            return self._called(self._primary())
        self._go_deeper()
        found = f"{sign}({self._unary()})"
        self._depth -= 1
        return self._boolean(found) if sign == "!" else found

    def _go_deeper(self) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise _Refused

    def _called(self, found: str) -> str:
        """Return a value with the methods that are called on it."""
        while self._take(".") or self._take("?."):
            name = self._name()
            if name == "length" and not self._next("("):
                found = f"size({found})"
                continue
            if name in _MOVES and found.startswith("now()"):
                found += f".{name}({self._shift()})"
                continue
            arguments = self._arguments()
            if name in _DATES and found == "now()" and len(arguments) == 1:
                found = f"format(now(), {arguments[0]})"
            elif name == "join" and len(arguments) == 1:
                found = f"join({found}, {arguments[0]})"
            elif name == "toISO" and found.startswith("now()"):
                continue
            elif name in _METHODS and _METHODS[name][1] == len(arguments):
                found = f"{_METHODS[name][0]}({', '.join([found, *arguments])})"
                if name in _TESTS:
                    self._boolean(found)
            else:
                raise _Refused
        return found

    def _primary(self) -> str:
        if read := self._read(self._code, self._at):
            found, self._at = read
            return found
        kind, word = self._token()
        if kind == "text":
            return quoted(_unescaped(word[1:-1]))
        if kind == "number":
            return word
        if kind == "template":
            return self._filled(word[1:-1])
        if word == "(":
            found = self._choice()
            self._expect(")")
            if found.startswith("("):
                return found
            return self._boolean(f"({found})") if found in self._booleans else f"({found})"
        if word == "[":
            return f"{{{', '.join(self._list(']'))}}}"
        if word in _CONSTANTS:
            return self._boolean(word) if word in ("true", "false") else _CONSTANTS[word]
        if word in _CASTS or word in ("Boolean", "JSON"):
            return self._converted(word)
        if word == "new" and (found := self._date()):
            return found
        raise _Refused

    def _converted(self, name: str) -> str:
        if name == "JSON":
            self._expect(".")
            if self._name() != "stringify":
                raise _Refused
            arguments = self._arguments()
            if len(arguments) not in (1, 3) or arguments[1:2] not in ([], ["null"]):
                raise _Refused
            return f"toJson({arguments[0]})"
        arguments = self._arguments()
        if len(arguments) != 1:
            raise _Refused
        if name == "Boolean":
            return self._boolean(f"!(!({arguments[0]}))")
        return f"{_CASTS[name]}({arguments[0]})"

    def _date(self) -> str:
        found = re.compile(r"\s*Date\(\)\.toISOString\(\)").match(self._code, self._at)
        self._at = found.end() if found else self._at
        return "now()" if found else ""

    def _filled(self, text: str) -> str:
        """Return a template literal as a sum of its texts and values."""
        parts = re.split(r"\$\{([^{}`]*)\}", text)
        if any("${" in part for part in parts[::2]):
            raise _Refused
        terms = ["''"]
        for index, part in enumerate(parts):
            if index % 2:
                terms.append(f"({_Parser(part, self._read).whole()})")
            elif part:
                terms.append(quoted(_unescaped(part)))
        return f"({' + '.join(terms)})"

    def _shift(self) -> str:
        """Return how far a date moves: `7, 'days'` for `(7, 'days')` and `({days: 7})`."""
        self._expect("(")
        is_object = self._take("{")
        unit = self._name() if is_object else ""
        if is_object:
            self._expect(":")
        amount = self._choice()
        self._expect("}" if is_object else ",")
        unit = quoted(unit) if is_object else self._choice()
        self._expect(")")
        return f"{amount}, {unit}"

    def _arguments(self) -> list[str]:
        self._expect("(")
        return self._list(")")

    def _list(self, end: str) -> list[str]:
        found: list[str] = []
        while not self._take(end):
            if found:
                self._expect(",")
            found.append(self._choice())
        return found

    def _token(self) -> tuple[str, str]:
        found = _TOKEN.match(self._code, self._at)
        if not found:
            raise _Refused
        self._at = found.end()
        kind = str(found.lastgroup)
        return kind, found[kind]

    def _name(self) -> str:
        kind, word = self._token()
        if kind != "name":
            raise _Refused
        return word

    def _next(self, sign: str) -> bool:
        found = _TOKEN.match(self._code, self._at)
        return found is not None and found["sign"] == sign

    def _take(self, sign: str) -> bool:
        if not self._next(sign):
            return False
        self._token()
        return True

    def _expect(self, sign: str) -> None:
        if not self._take(sign):
            raise _Refused


def _group(parts: list[str], operator: str) -> str:
    return f"({f' {operator} '.join(parts)})"


def _unescaped(text: str) -> str:
    """Return the characters of a literal. Codes such as `\\u0041` are refused."""
    simple = {"n": "\n", "t": "\t", "r": "\r"}

    def character(found: re.Match[str]) -> str:
        code = found[1]
        if code in "ux0123456789b":
            raise _Refused
        return simple.get(code, code)

    return re.sub(r"\\(.)", character, text, flags=re.DOTALL)
