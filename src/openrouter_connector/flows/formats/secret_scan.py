"""Find what looks like a secret in a document, and replace it.

An imported or exported flow is passed on, so it must not hold a key: neither an OpenRouter key nor
one of another service, nor a password beside its name. Every replaced text is reported by its
place, never by its content.
"""

from __future__ import annotations

import json
import re
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from ...connections.redact_keys import environment_redactor
from ...errors import Problem
from ...openrouter.identity import KEY_PATTERN
from ...secret import Redactor
from ...secret_spellings import REDACTED
from ...values import Json
from .secret_names import holds_secrets, is_placeholder, is_secret_name

Looks = Callable[[str], bool]
"""Whether a text that a pattern found is a secret, and not a piece of prose."""

_TEXT = r"[^\s\"'&;,<>{}\\]{8,}"
_PLAIN = r"(?![<{\[])" + _TEXT
_WITH_DIGIT = r"(?=[^\s\"'&;,<>{}\\]{0,64}\d)" + _PLAIN
_PART = re.compile(r"[-_./:+=]+")
_WORD = re.compile(r"[A-Za-z][a-z]{0,19}|[A-Z]{1,20}")
_NUMBER = re.compile(r"\d{1,12}|\w{1,4}")
_RUNS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|\d+")
_LEAST_RUNS = 4  # of letters and of digits in a part of a key: `abc123def456`


def _is_no_prose(text: str) -> bool:
    """Return whether a text is more than words and numbers: `at-least-8-characters` is not."""
    parts = list(filter(None, _PART.split(text)))
    words = sum(_WORD.fullmatch(part) is not None for part in parts)
    if len(parts) < 2 or 2 * words < len(parts):
        return True
    return not all(_WORD.fullmatch(part) or _NUMBER.fullmatch(part) for part in parts)


def _is_random(text: str) -> bool:
    """Return whether letters and digits alternate in a text as they do in keys."""
    return any(len(_RUNS.findall(part)) >= _LEAST_RUNS for part in _PART.split(text))


def _is_login(text: str) -> bool:
    """Return whether a text is the base64 of `user:password`, or a key."""
    try:
        return b":" in b64decode(text, validate=True) or _is_random(text)
    except ValueError:
        return _is_random(text)


def _is_any(text: str) -> bool:
    return True


# Each pattern with what a text that it matches must contain, in lower case: searching for a few
# letters is fifty times faster, and ten megabytes of prompts must not cost seconds. Texts come from
# outside, so every repetition that a later part may undo is bounded.
_KEY_SHAPES: tuple[tuple[tuple[str, ...], str, Looks], ...] = (
    (("sk-or-",), KEY_PATTERN, _is_any),
    (
        ("sk-", "sk_", "pk_", "rk_"),
        r"(?<![\w-])[spr]k[-_](?=[\w-]{0,100}\d)[\w-]{16,}",
        _is_no_prose,
    ),
    (("gh", "glpat-"), r"(?:gh[opsur]_|github_pat_|glpat-)\w[\w-]{15,}", _is_no_prose),
    (("gsk_", "hf_", "r8_", "npm_"), r"(?<!\w)(?:gsk_|hf_|r8_|npm_)\w{16,}", _is_no_prose),
    (
        ("pplx-", "xai-", "nvapi-", "xox"),
        r"(?:pplx-|xai-|nvapi-|xox[abeoprs]-)[\w-]{10,}",
        _is_no_prose,
    ),
    (("aiza", "akia", "asia"), r"AIza[\w-]{35}|(?:AKIA|ASIA)[A-Z0-9]{16}", _is_any),
    (("sg.",), r"SG\.[\w-]{16,99}\.[\w-]{16,}", _is_any),
    # JSON web tokens
    (("eyj",), r"(?<![\w-])eyJ[\w-]{8,2000}\.eyJ[\w-]{8,}(?:\.[\w-]*)?", _is_any),
    (
        ("private key",),
        r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,30}KEY-----|\Z)",
        _is_any,
    ),
    (("-",), r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}:[0-9a-f]{32}", _is_any),  # fal
)
# The group of these stands behind a word that announces a secret. A digit tells a key from a word
# of prose, and behind weak words, which prose has too, letters and digits must alternate.
_ANNOUNCED: tuple[tuple[tuple[str, ...], str, Looks], ...] = (
    (("bearer",), rf"(?<![a-zA-Z])(?:[Bb]earer|BEARER)\s{{1,3}}({_WITH_DIGIT})", _is_no_prose),
    (("basic",), rf"(?<![a-zA-Z])[Bb]asic\s{{1,3}}({_PLAIN})", _is_login),
    (("key ", "token "), rf"(?<![a-zA-Z])(?:[Kk]ey|[Tt]oken)\s{{1,3}}({_WITH_DIGIT})", _is_random),
    (
        ("key", "token", "secret", "pass", "pwd"),
        r"(?i:api[_-]?key|token|secret|password|passwd|passphrase|pwd)[\"']?\s{0,3}[=:]\s{0,3}[\"']?"
        rf"(?:Bearer\s{{1,3}})?({_WITH_DIGIT})",
        _is_no_prose,
    ),
    (
        ("?", "&"),
        r"[?&](?:api_?key|token|access_token|sig|signature|secret|password)=" rf"({_PLAIN})",
        _is_any,
    ),
    (("?key=", "&key="), rf"[?&]key=({_PLAIN})", _is_no_prose),
    # in a URL
    (("://",), r"(?<=://)[^\s/:@\"']{1,100}:((?![<{\[])[^\s/@\"']{3,200})(?=@)", _is_any),
)
_PATTERNS = tuple(
    (marks, re.compile(pattern), looks) for marks, pattern, looks in (*_KEY_SHAPES, *_ANNOUNCED)
)
_SHORTEST = 8  # characters of a secret in a text
_LONGEST_WORD = 12  # characters of a key that is surely none itself
_SHORT = 300  # characters; below, one search for all marks is faster than a search for each
_MARK = re.compile(
    r"[spr]k[-_]|gh[opsur]_|github|glpat-|gsk_|hf_|r8_|npm_|pplx-|xai-|nvapi-|xox|AIza|AKIA|ASIA|SG\."
    r"|eyJ|PRIVATE|-[0-9a-f]{12}:|earer|EARER|asic|[kK]ey|KEY|oken|OKEN|ecret|ECRET|ass[wp]|ASS[WP]|pwd|PWD|[?&]|://"
)
_HOLDERS = ("value", "default", "defaultValue", "const", "example", "examples")
"""Where an object that is named like a secret holds it: `{name: apiKey, defaultValue: …}`."""
_INNER = ("parameters", "items")
"""Where the parameters of a step and the items of a JSON schema are, which hold it in turn."""
_NAMES = ("name", "key")
"""Where such an object holds its name; `headerName` with `headerValue` is one too."""
_DESCRIBING = frozenset((
    "$ref", "$schema", "controlType", "description", "enum", "format", "id", "in", "key", "kind",
    "label", "name", "pattern", "placeholder", "required", "scheme", "title", "type",
))  # fmt: skip
"""Keys that say what a secret is, as in a JSON schema; all other texts in it are secrets."""
_LEAST_DIGITS = 6  # of a number that may be a password


@dataclass(frozen=True, slots=True)
class Scanned:
    """A document without secrets."""

    value: Json
    removed: tuple[Problem, ...]
    """The place of each replaced text, with a message that does not repeat it."""

    @property
    def summary(self) -> str:
        """One sentence with the result of the scan."""
        return scan_summary(len(self.removed))


def scan_summary(removed: int) -> str:
    """Return the result of a scan as a sentence."""
    if not removed:
        return "Scanned for secrets: none found."
    count = "1 secret was" if removed == 1 else f"{removed} secrets were"
    return f"Scanned for secrets: {count} removed."


def scan_for_secrets(value: Json, place: str = "") -> Scanned:
    """Return a JSON value without anything that looks like a secret, in its texts or its keys."""
    scan = _Scan(environment_redactor())
    clean = scan.visit(value, place)
    return Scanned(clean, tuple(scan.removed))


class _Scan:
    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self.removed: list[Problem] = []

    def visit(self, value: Json, place: str) -> Json:
        """Return the same object if it holds no secret: most documents do not, and are large."""
        if isinstance(value, str):
            return self._text(value, place)
        if isinstance(value, dict):
            return self._object(value, place)
        if isinstance(value, list):
            items = [self._item(item, f"{place}[{i}]") for i, item in enumerate(value)]
            same = all(new is old for new, old in zip(items, value, strict=True))
            return value if same else items
        return value

    def _item(self, value: Json, place: str) -> Json:
        """Return an item of a list, which may be a pair: `["x-api-key", …]`."""
        if isinstance(value, list) and len(value) == 2:
            name, held = value
            if isinstance(name, str) and is_secret_name(name):
                new = self._secret(held, f"{place}[1]")
                return value if new is held else [name, new]
        return self.visit(value, place)

    def _object(self, value: dict[str, Json], place: str, *, is_named: bool = False) -> Json:
        is_named = is_named or _is_named_secret(value)
        clean, same = {}, True
        for key, item in value.items():
            name = key
            if len(key) > _LONGEST_WORD:
                name = self._text(key, f"{place}: a key" if place else "a key")
            inner = f"{place}.{name}" if place else name
            if is_named and key in _INNER and isinstance(item, dict):
                new = self._object(item, inner, is_named=True)
            elif (is_named and _is_holder(key)) or is_secret_name(key):
                new = self._secret(item, inner, holds_all=holds_secrets(key))
            elif item is None or (isinstance(item, str) and len(item) < _SHORTEST):
                new = item
            else:
                new = self.visit(item, inner)
            same = same and new is item and name is key
            clean[name] = new
        return value if same else clean

    def _secret(self, value: Json, place: str, *, holds_all: bool = False) -> Json:
        """Replace the value of a key such as `apiKey`, also inside a list or `{value: …}`.

        In an object that holds nothing but secrets, all but what describes them is replaced.
        """
        if isinstance(value, dict):
            return (
                self._all(value, place) if holds_all else self._object(value, place, is_named=True)
            )
        if isinstance(value, list):
            items = [
                self._secret(item, f"{place}[{i}]", holds_all=holds_all)
                for i, item in enumerate(value)
            ]
            same = all(new is old for new, old in zip(items, value, strict=True))
            return value if same else items
        if isinstance(value, str):
            return self._text(value, place) if is_placeholder(value) else self._removed(place)
        is_short = isinstance(value, bool) or len(str(value)) < _LEAST_DIGITS
        return value if value is None or is_short else self._removed(place)

    def _all(self, value: dict[str, Json], place: str) -> Json:
        clean, same = {}, True
        for key, item in value.items():
            name = self._text(key, f"{place}: a key")
            inner = f"{place}.{name}"
            is_described = key in _DESCRIBING
            new = (
                self.visit(item, inner)
                if is_described
                else self._secret(item, inner, holds_all=True)
            )
            same = same and new is item and name is key
            clean[name] = new
        return value if same else clean

    def _text(self, text: str, place: str) -> str:
        if len(text) < _SHORTEST:
            return text
        clean = self._redactor.redact_text(self._json(text, place))
        if len(text) < _SHORT and not _MARK.search(text):
            return self._changed(text, clean, place)
        lower = text.lower()
        for marks, pattern, looks in _PATTERNS:
            if any(mark in lower for mark in marks):
                clean = pattern.sub(partial(_replaced, looks), clean)
        return self._changed(text, clean, place)

    def _json(self, text: str, place: str) -> str:
        """Return a text without the secrets of the JSON that it is, if it is JSON."""
        formula, body = ("=", text[1:]) if text[0] == "=" else ("", text)
        if '"' not in body or body.lstrip()[:1] not in ("{", "["):
            return text
        inner = _Scan(self._redactor)
        try:
            clean = inner.visit(json.loads(body), place)
        except (ValueError, RecursionError):
            return text
        if not inner.removed:
            return text
        return formula + json.dumps(clean, ensure_ascii=False, indent=2 if "\n" in body else None)

    def _changed(self, text: str, clean: str, place: str) -> str:
        if clean == text:
            return text
        self._removed(place)
        return clean

    def _removed(self, place: str) -> str:
        self.removed.append(Problem(place, "looked like a secret and was replaced"))
        return REDACTED


def _replaced(looks: Looks, found: re.Match[str]) -> str:
    """Return what replaces a secret: the word that announces it stays readable."""
    group = found.re.groups  # the text behind that word, or all of it
    secret = found[group]
    if not looks(secret) or is_placeholder(secret):
        return found[0]
    return found[0][: found.start(group) - found.start()] + REDACTED


def _is_named_secret(value: dict[str, Json]) -> bool:
    """Return whether an object is `{name: Authorization, value: …}`, an item of a list."""
    return any(
        isinstance(item, str) and is_secret_name(item)
        for key, item in value.items()
        if key in _NAMES or key.endswith(("Name", "_name"))
    )


def _is_holder(key: str) -> bool:
    return key in _HOLDERS or key.endswith(("Value", "_value"))
