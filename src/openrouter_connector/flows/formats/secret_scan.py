"""Find what looks like a secret in a document, and replace it.

An imported or exported flow is passed on, so it must not hold a key: neither an OpenRouter key nor
one of another service, nor a password beside its name. Every replaced text is reported by its
place, never by its content.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ...connections.redact_keys import environment_redactor
from ...errors import Problem
from ...openrouter.identity import KEY_PATTERN
from ...secret import Redactor
from ...secret_spellings import REDACTED
from ...values import Json

_PLAIN = r"(?![$<{\[])[^\s\"'&;,<>{}\\]{8,}"
_WITH_DIGIT = r"(?=[^\s\"'&;,<>{}\\]{0,64}\d)" + _PLAIN
# Each pattern with what a text that it matches must contain, in lower case: searching for a few
# letters is fifty times faster, and ten megabytes of prompts must not cost seconds. Texts come from
# outside, so every repetition that a later part may undo is bounded.
_KEY_SHAPES = (
    (("sk-or-",), KEY_PATTERN),
    (("sk-", "sk_", "pk_", "rk_"), r"(?<![\w-])[spr]k[-_](?=[\w-]{0,100}\d)[\w-]{16,}"),
    (("gh", "glpat-"), r"(?:gh[opsur]_|github_pat_|glpat-)\w[\w-]{15,}"),
    (("gsk_", "hf_", "r8_", "npm_"), r"(?<!\w)(?:gsk_|hf_|r8_|npm_)\w{16,}"),
    (("pplx-", "xai-", "nvapi-", "xox"), r"(?:pplx-|xai-|nvapi-|xox[abeoprs]-)[\w-]{10,}"),
    (("aiza", "akia", "asia"), r"AIza[\w-]{35}|(?:AKIA|ASIA)[A-Z0-9]{16}"),
    (("sg.",), r"SG\.[\w-]{16,99}\.[\w-]{16,}"),
    (("eyj",), r"(?<![\w-])eyJ[\w-]{8,2000}\.eyJ[\w-]{8,}(?:\.[\w-]*)?"),  # JSON web tokens
    (
        ("private key",),
        r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,30}KEY-----|\Z)",
    ),
    (("-",), r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}:[0-9a-f]{32}"),  # fal
)
# These match only behind a word that announces a secret. `_PLAIN` spares placeholders such as
# `$OPENROUTER_API_KEY`, `{{token}}` and `<your key>`; a digit tells a key from a word of prose.
_ANNOUNCED = (
    (
        ("bearer", "basic", "key ", "token "),
        r"(?<![a-zA-Z])(?:[Bb]earer|BEARER|[Bb]asic|[Kk]ey|[Tt]oken)\s{1,3}" + _WITH_DIGIT,
    ),
    (
        ("key", "token", "secret", "passw"),
        r"(?i:api[_-]?key|token|secret|password|passwd)[\"']?\s{0,3}[=:]\s{0,3}[\"']?"
        r"(?:Bearer\s{1,3})?" + _WITH_DIGIT,
    ),
    (
        ("?", "&"),
        r"[?&](?:key|api_?key|token|access_token|sig|signature|secret|password)=" + _PLAIN,
    ),
    (("://",), r"(?<=://)[^\s/:@\"']{1,100}:(?![$<{\[])[^\s/@\"']{3,200}(?=@)"),  # in a URL
)
_PATTERNS = tuple((marks, re.compile(pattern)) for marks, pattern in (*_KEY_SHAPES, *_ANNOUNCED))
_SHORT = 300  # characters; below, one search for all marks is faster than a search for each
_MARK = re.compile(
    r"[spr]k[-_]|gh[opsur]_|github|glpat-|gsk_|hf_|r8_|npm_|pplx-|xai-|nvapi-|xox|AIza|AKIA|ASIA|SG\."
    r"|eyJ|PRIVATE|-[0-9a-f]{12}:|earer|EARER|asic|[kK]ey|KEY|oken|OKEN|ecret|ECRET|assw|ASSW|[?&]|://"
)
# The value of these keys is a secret, whatever it looks like.
_SECRET_NAMES = re.compile(
    r"(?:x-?|openrouter|openai|anthropic|xi-)?(?:api-?key|access-?token|auth-?token|bearer-?token"
    r"|client-?secret|private-?key|refresh-?token|secret-?key|authorization|password|passwd)",
    re.IGNORECASE,
)
_PLACEHOLDER = re.compile(
    r"\s*|(?:bearer |key |basic )?[$<{=\[].*|rf_key:.*|(?:your|my|the)[-_ ].*"
    r"|x{3,}[x-]*|\*+|\.\.\.|…",
    re.IGNORECASE | re.DOTALL,
)


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


def scan_text(text: str) -> tuple[str, bool]:
    """Return a text without secrets, and whether one was replaced."""
    scanned = scan_for_secrets(text)
    return scanned.value, bool(scanned.removed)


def is_placeholder(text: str) -> bool:
    """Return whether a text only stands for a secret, as `$API_KEY` and `<your key>` do."""
    return _PLACEHOLDER.fullmatch(text) is not None


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
            items = [self.visit(item, f"{place}[{i}]") for i, item in enumerate(value)]
            same = all(new is old for new, old in zip(items, value, strict=True))
            return value if same else items
        return value

    def _object(self, value: dict[str, Json], place: str) -> Json:
        announced = _announces(value)
        clean, same = {}, True
        for key, item in value.items():
            name = self._text(key, f"{place}: a key") if len(key) > 12 else key
            inside = f"{place}.{name}" if place else name
            if (announced and key == "value") or _SECRET_NAMES.fullmatch(key):
                new = self._named(item, inside)
            else:
                new = self.visit(item, inside)
            same = same and new is item and name is key
            clean[name] = new
        return value if same else clean

    def _named(self, value: Json, place: str) -> Json:
        """Replace the value of a key such as `apiKey`."""
        if not isinstance(value, str) or is_placeholder(value):
            return self.visit(value, place)
        return self._removed(place)

    def _text(self, text: str, place: str) -> str:
        if len(text) < 8:
            return text
        clean = self._redactor.redact_text(text)
        if len(text) < _SHORT and not _MARK.search(text):
            return self._changed(text, clean, place)
        lower = text.lower()
        for marks, pattern in _PATTERNS:
            if any(mark in lower for mark in marks):
                clean = pattern.sub(_replaced, clean)
        return self._changed(text, clean, place)

    def _changed(self, text: str, clean: str, place: str) -> str:
        if clean == text:
            return text
        self._removed(place)
        return clean

    def _removed(self, place: str) -> str:
        self.removed.append(Problem(place, "looked like a secret and was replaced"))
        return REDACTED


def _replaced(found: re.Match[str]) -> str:
    """Return what replaces a secret: the word that announces it stays readable."""
    text = found[0]
    head = re.match(r"(?:Bearer|Basic|Key|Token)\s+|[^=:]{2,30}[\"']?\s*[=:]\s*[\"']?", text, re.I)
    return (head[0] if head and not text.startswith("-----") else "") + REDACTED


def _announces(value: dict[str, Json]) -> bool:
    """Return whether an object is `{name: Authorization, value: …}`, an item of a list."""
    name = value.get("name", value.get("key"))
    return "value" in value and isinstance(name, str) and bool(_SECRET_NAMES.fullmatch(name))
