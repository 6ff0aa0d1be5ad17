"""Turn n8n's expressions into pills, and keep the JavaScript among them as text.

={{ $json.title }}                        ${title}            an input, or a step of ours
=Dear {{ $('AI Agent').item.json.output }}  Dear ${aiAgent}
={{ $json.a.map(x => x.b) }}              stays as it is, and is reported
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from .names import literal

Path = tuple[str | int, ...]

_STEP = r"(?:\??\.[A-Za-z_$][\w$]*|(?:\?\.)?\[(?:\d{1,6}|'[^'\]]*'|\"[^\"\]]*\")\])"
_ITEM = r"(?:\??\.(?:item|first\(\)|last\(\)|all\(\)\[0\]|itemMatching\(\w*\)))"
_ROOT = (
    r"(?:(?P<json>\$json|\$input" + _ITEM + r"\.json)"
    r"|\$\((?P<quote>['\"`])(?P<node>.{1,200}?)(?P=quote)\)" + _ITEM + r"\.json"
    r"|\$node\[(?P<quote_>['\"])(?P<node_>.{1,200}?)(?P=quote_)\]\.json)"
)
_READ = rf"{_ROOT}(?P<steps>{_STEP}*)"
_SIMPLE = re.compile(
    rf"\s*{_READ}(?:\.(?:toJsonString|toString|trim)\(\))?"
    r"(?:\s*(?:\|\||\?\?)\s*(?P<default>'[^'\\]*'|\"[^\"\\]*\"|\d+(?:\.\d+)?))?\s*;?\s*"
)
# Idioms that only keep a text valid inside a JSON body. A flow needs none of them.
_ESCAPING = re.compile(
    rf"\s*(?:JSON\.stringify|encodeURIComponent)\(\s*(?P<inner>{_READ})\s*\)"
    r"(?:\.slice\(\s*1\s*,\s*-\s*1\s*\)|\.replace\(/\^\"\|\"\$/g,\s*(?:''|\"\")\))?\s*"
)
_LONGEST = 500  # characters of code that is worth a look


class Read(NamedTuple):
    """What a simple expression reads."""

    node: str | None
    """The name of the node; None for the one before."""
    path: Path
    default: str
    """A literal for a missing value, as an expression writes it; or empty."""


@dataclass(slots=True)
class Converter:
    """Converts the texts of one node."""

    resolve: Callable[[Read], str]
    """Returns the expression that reads the same value in the flow."""
    note: Callable[[str], None]
    """Reports JavaScript that stays text."""

    def text(self, value: str) -> str:
        """Return a parameter of n8n as a flow holds it. Without a leading `=` it is plain text."""
        if not value.startswith("="):
            return literal(value)
        return self.template(value[1:])

    def template(self, text: str, *, in_json: bool = False) -> str:
        """Return a text with `{{ … }}` as one with pills."""
        parts: list[str] = []
        done = 0
        for start, end in spans(text):
            code = text[start + 2 : end - 2]
            parts += [literal(text[done:start]), self.expression(code, in_json=in_json)]
            done = end
        parts.append(literal(text[done:]))
        return "".join(parts)

    def expression(self, code: str, *, in_json: bool = False) -> str:
        """Return the pill for the code between `{{` and `}}`, or the code itself."""
        read = read_simple(code)
        if read is None and in_json and len(code) <= _LONGEST:
            escaping = _ESCAPING.fullmatch(code)
            read = read_simple(escaping["inner"]) if escaping else None
        if read is None:
            self.note(f"{{{{{code}}}}}")
            return literal("{{" + code + "}}")
        expression = self.resolve(read)
        return "${" + (f"{expression} ?: {read.default}" if read.default else expression) + "}"


def spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each `{{ … }}` begins and ends."""
    end = 0
    while (start := text.find("{{", end)) >= 0 and (close := text.find("}}", start)) >= 0:
        end = close + 2
        yield start, end


def read_simple(code: str) -> Read | None:
    """Return what an expression reads, if it only reads a value; None for any other code."""
    found = _SIMPLE.fullmatch(code) if len(code) <= _LONGEST else None
    if not found:
        return None
    node = None if found["json"] else found["node"] or found["node_"]
    steps = tuple(map(_step, re.findall(_STEP, found["steps"])))
    return Read(node, steps, found["default"] or "")


def shortened(code: str) -> str:
    """Return code for a message: one line, not too long."""
    line = " ".join(code.split())
    return f"`{line if len(line) <= 80 else line[:77] + '…'}`"


def _step(text: str) -> str | int:
    inner = text.lstrip("?").lstrip(".")
    if not inner.startswith("["):
        return inner
    inner = inner[1:-1]
    return int(inner) if inner.isdecimal() else inner[1:-1]
