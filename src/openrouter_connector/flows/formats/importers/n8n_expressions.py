"""Turn n8n's expressions into pills, and keep the JavaScript among them as text.

={{ $json.title }}                        ${title}            an input, or a step of ours
=Dear {{ $('AI Agent').item.json.output }}  Dear ${aiAgent}
={{ $json.n ? 'some' : 'none' }}            ${(n ? 'some' : 'none')}
={{ $json.a.map(x => x.b) }}              stays as it is, and is reported
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from secrets import token_hex
from typing import NamedTuple

from ....values import Json
from .javascript import translated
from .texts import Code, literal, mixed, quoted, with_texts

Path = tuple[str | int, ...]

_STEP = (
    r"(?:\??\.[A-Za-z_$][\w$]*"
    r"|(?:\?\.)?\[(?:\d{1,6}|'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")\])"
)
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
_OTHER = re.compile(
    r"\s*(?:\$fromAI\(\s*['\"`](?P<asked>\w+)['\"`](?:[^'\"`()]|'[^']*'|\"[^\"]*\"|`[^`]*`)*\)"
    r"|(?P<holder>\$(?:env|vars|workflow|execution))\.(?P<name>\w+))"
)
"""What n8n itself offers: arguments that a model writes, variables, facts of a run."""
_READ_AT = re.compile(rf"\s*{_READ}")
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
        return mixed(self._parts(value[1:]))

    def expression(self, value: Json, *, is_condition: bool = False) -> str | None:
        """Return a parameter of n8n as an expression; None if it is more than one can say.

        Of a condition only the truth is the same.
        """
        if not isinstance(value, str):
            return None if isinstance(value, list | dict) else json.dumps(value)
        if not value.startswith("="):
            return quoted(value)
        done, terms = 1, ["''"]
        for start, end in spans(value):
            is_whole = (start, end) == (1, len(value))
            inner = value[start + 2 : end - 2]
            code = self._computed(inner, is_condition=is_condition and is_whole)
            if code is None or is_whole:
                return code
            terms += [quoted(value[done:start])] if done < start else []
            terms.append(f"({code})")
            done = end
        terms += [quoted(value[done:])] if done < len(value) else []
        return f"({' + '.join(terms)})" if done > 1 else quoted(value[1:])

    def _parts(self, text: str) -> Iterator[str | Code]:
        done = 0
        for start, end in spans(text):
            yield text[done:start]
            yield self.part(text[start + 2 : end - 2])
            done = end
        yield text[done:]

    def part(self, code: str, *, in_json: bool = False, is_bare: bool = False) -> str | Code:
        """Return the expression for the code between `{{` and `}}`, or the code itself as text.

        In the text of a JSON document it may be bare: outside of quotes, so that it makes JSON.
        """
        read = read_simple(code)
        if read is None and in_json and len(code) <= _LONGEST:
            escaping = _ESCAPING.fullmatch(code)
            read = read_simple(escaping["inner"]) if escaping else None
        if read is not None:
            expression = self.resolve(read)
            return Code(f"{expression} ?: {read.default}" if read.default else expression)
        if (found := self._translated(code, in_json=in_json, is_bare=is_bare)) is not None:
            return Code(found)
        text = "{{" + code + "}}"
        self.note(text)
        return text

    def _translated(self, code: str, *, in_json: bool, is_bare: bool) -> str | None:
        found = self._computed(code)
        if found is None or not in_json:
            return found
        if code.strip().startswith("JSON.stringify(") and found.count("toJson(") == 1:
            return found.removeprefix("toJson(").removesuffix(")")
        is_text = is_bare and re.search(r"['\"`]", code)
        return None if is_text or "toJson(" in found else found

    def _computed(self, code: str, *, is_condition: bool = False) -> str | None:
        def tried(resolve: Callable[[Read], str]) -> str | None:
            return translated(
                code, lambda text, at: _read_at(text, at, resolve), is_condition=is_condition
            )

        # Tried first without effect: what is refused half-way makes no inputs.
        return None if tried(lambda read: "x") is None else tried(self.resolve)


class Hidden:
    """Hides the expressions of a text behind tokens, while the text is parsed as JSON or a URL.

    The tokens are made anew for each text, so that no text can hold one, and stay between `text`
    and `shown`.
    """

    def __init__(self, converter: Converter) -> None:
        self._converter = converter
        self._codes: list[tuple[str, bool]] = []
        """The code of each token, and whether it stands bare in JSON."""
        self._mark = token_hex(8)

    def text(self, text: str, *, in_json: bool = False) -> str:
        """Return a text with a token for each `{{ … }}`, in quotes where JSON needs them."""
        parts, done, quoted = [], 0, False
        for start, end in spans(text):
            before = text[done:start]
            quoted ^= len(re.findall(r'(?<!\\)"', before)) % 2 == 1
            token = f"{self._mark}-{len(self._codes)}-"
            self._codes.append((text[start + 2 : end - 2], in_json and not quoted))
            parts += [before, token if quoted or not in_json else f'"{token}"']
            done = end
        return "".join([*parts, text[done:]])

    def shown(self, value: Json) -> Json:
        """Return what was parsed, with pills and code in the places of the tokens."""
        if isinstance(value, str):
            return mixed(self._parts(value))
        if isinstance(value, list):
            return [self.shown(item) for item in value]
        if isinstance(value, dict):
            return {self._key(key): self.shown(item) for key, item in value.items()}
        return value

    def _parts(self, text: str) -> Iterator[str | Code]:
        for index, part in enumerate(re.split(rf"{self._mark}-(\d+)-", text)):
            if index % 2:
                code, is_bare = self._codes[int(part)]
                yield self._converter.part(code, in_json=True, is_bare=is_bare)
            else:
                yield part

    def _key(self, key: str) -> str:
        """Return a key with its code as text: a flow computes no keys."""

        def code(found: re.Match[str]) -> str:
            text = "{{" + self._codes[int(found[1])][0] + "}}"
            self._converter.note(text)
            return text

        return re.sub(rf"{self._mark}-(\d+)-", code, key)


def parsed_json(text: str, converter: Converter) -> Json:
    """Return the JSON of a text with its expressions as pills; None if it is not JSON."""
    if not text.startswith("="):
        return with_texts(_loaded(text), literal)
    text = text[1:].strip()
    # The whole body may be one expression around an object: `={{ JSON.stringify({…}) }}`.
    whole = re.fullmatch(r"\{\{\s*(?:JSON\.stringify\()?(\{.*\})\)?\s*;?\s*\}\}", text, re.DOTALL)
    if whole:
        return with_texts(_loaded(whole[1]), literal)
    hidden = Hidden(converter)
    return hidden.shown(_loaded(hidden.text(text, in_json=True)))


def _loaded(text: str) -> Json:
    try:
        return json.loads(text, strict=False)  # raw line ends in texts are common
    except (ValueError, RecursionError):
        return None


def spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each `{{ … }}` begins and ends."""
    end = 0
    while (start := text.find("{{", end)) >= 0 and (close := text.find("}}", start)) >= 0:
        end = close + 2
        yield start, end


def read_simple(code: str) -> Read | None:
    """Return what an expression reads, if it only reads a value; None for any other code."""
    return _read_simple(code) if len(code) <= _LONGEST else None


@lru_cache(4096)  # a body may repeat one expression a hundred thousand times
def _read_simple(code: str) -> Read | None:
    found = _SIMPLE.fullmatch(code)
    if not found:
        return None
    node = None if found["json"] else found["node"] or found["node_"]
    if found["steps"].endswith(".length"):
        return None  # a size
    steps = tuple(map(_step, re.findall(_STEP, found["steps"])))
    return Read(node, steps, found["default"] or "")


def _read_at(code: str, at: int, resolve: Callable[[Read], str]) -> tuple[str, int] | None:
    """Return the expression for what is read at a position of code, and where that ends."""
    if other := _OTHER.match(code, at):
        holder, name = other["holder"] or "$fromAI", other["name"] or other["asked"]
        return resolve(Read(holder, (name,), "")), other.end()
    found = _READ_AT.match(code, at)
    if not found:
        return None
    node = None if found["json"] else found["node"] or found["node_"]
    steps = [(_step(one[0]), one.start()) for one in re.finditer(_STEP, found["steps"])]
    end = found.end()
    # A method is no step, and `length` is a size.
    if steps and (code[end : end + 1] == "(" or steps[-1][0] == "length"):
        end = found.start("steps") + steps.pop()[1]
    return resolve(Read(node, tuple(step for step, _ in steps), "")), end


def shortened(code: str) -> str:
    """Return code for a message: one line, not too long."""
    line = " ".join(code.split())
    return f"`{line if len(line) <= 80 else line[:77] + '…'}`"


def _step(text: str) -> str | int:
    inner = text.lstrip("?").lstrip(".")
    if not inner.startswith("["):
        return inner
    inner = inner[1:-1]
    return int(inner) if inner.isdecimal() else re.sub(r"\\(.)", r"\1", inner[1:-1])
