"""Keep secrets out of texts, however they are written, out of errors and out of reprs.

    Hiding("sk-or-…").in_text("no such key: %73k-or-…")  ->  "no such key: [token]"

How a secret may be written is known by `secret_spellings.py`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, NoReturn, TypeGuard, TypeVar

from .errors import ConnectorError, CredentialError, Problem
from .secret_spellings import HIDDEN, Spellings
from .values import Json

LIKE_A_KEY = r"sk-or-[\w-]{16,}"
"""What OpenRouter's keys look like, as a regular expression."""

_SHORTEST = 8  # characters

E = TypeVar("E", bound=BaseException)


class _Unshown:
    def __repr__(self) -> str:
        return HIDDEN


class Secret(_Unshown, str):
    """A text that no repr shows, neither its own nor that of what holds it."""


class SecretBytes(_Unshown, bytes):
    """Bytes that no repr shows."""


class Cause(Exception):
    """An exception of a library, without the objects that it held, such as the request."""


def cleaned(token: str | None) -> Secret | None:
    """Take the spaces around a token away; CredentialError when no header can hold it."""
    token = token.strip() if token else None
    if token and not (token.isascii() and token.isprintable() and " " not in token):
        raise CredentialError("the token holds characters that no token has; copy it once more")
    return Secret(token) if token else None


def raise_alone(error: Exception) -> NoReturn:
    """Raise an error without the one that is being handled behind it."""
    try:
        raise error
    finally:
        error.__context__ = None  # `from None` would only not show it


def is_secret(token: str | None) -> TypeGuard[str]:
    """Tell whether a token is to be hidden.

    A shorter one is a word such as `none` for a server that wants no token, and would be found in
    the middle of others.
    """
    return token is not None and len(token) >= _SHORTEST


class Hiding:
    """Hides some secrets in texts, in JSON and in errors; without any it changes nothing."""

    def __init__(self, *secrets: str | None) -> None:
        self._forms = [Spellings(one.encode()) for one in dict.fromkeys(filter(is_secret, secrets))]
        self._least = min((forms.least for forms in self._forms), default=sys.maxsize)
        self._begin = re.compile("|".join(forms.begin for forms in self._forms) or "$.", re.I)

    def may_be_in(self, raw: bytes) -> bool:
        """Tell quickly whether a secret may be in an encoded text; mostly none is."""
        return any(forms.may_be_in(raw) for forms in self._forms)

    def begins_in(self, text: str) -> bool:
        """Tell quickly whether a short text may have the first letters of a secret in it."""
        return len(text) >= self._least or self._begin.search(text) is not None

    def begins_at(self, text: str) -> int:
        """Return where a beginning of a secret stands at the end of a text: its length for none."""
        begins = len(text)
        for forms in self._forms:
            begins = min(begins, forms.begins_at(text))
        return begins

    def in_bytes(self, raw: bytes) -> bytes:
        """Return an encoded text without the secrets."""
        for forms in self._forms:
            if forms.may_be_in(raw):
                raw = forms.hidden_in(raw)
        return raw

    def in_text(self, text: str) -> str:
        """Return a text without the secrets."""
        if len(text) < self._least:
            return text
        raw = text.encode(errors="surrogatepass")
        hidden = self.in_bytes(raw)
        return text if hidden is raw else hidden.decode(errors="surrogatepass")

    def in_json(self, value: Json) -> Json:
        """Return a JSON value without the secrets in its texts and names."""
        try:
            return self._in_value(value)
        except RecursionError:
            return HIDDEN

    def reraise(self, error: Exception) -> NoReturn:
        """Raise an error that is being handled once more, without the secrets in it."""
        clean = self.in_error(error)
        if clean is error:
            raise error
        raise_alone(clean)

    def in_error(self, error: Exception) -> Exception:
        """Return an error without the secrets: itself, or a `Cause` for one that others wrote.

        One of others stays if its text does not show them, and loses what does. Behind an error of
        ours a `Cause` takes the place of whatever holds more than texts and numbers.
        """
        if isinstance(error, ConnectorError):
            return self._cleaned(error, set())
        said = _text(error)
        for name, value in vars(error).items():
            if self._is_shown_by(value):
                vars(error)[name] = None
        if self._shows(error) or _text(error) != said:
            return self._cause(error, set())
        if any(map(self._shows, _chain(error))):
            self._clean_behind(error, {id(error)})
        return error

    def _shows(self, error: BaseException) -> bool:
        """Tell whether an exception shows a secret, in its text or in a request that it holds."""
        held = (_text(error), error.args, *getattr(error, "__notes__", ()), *_held(error))
        return any(map(self._is_shown_by, held))

    def _is_shown_by(self, value: object) -> bool:
        told = repr((value, _headers(value)))
        return self.in_text(told) != told

    def _in_value(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.in_text(value)
        if isinstance(value, bytes):
            return self.in_bytes(value)
        if isinstance(value, dict):
            return {self._in_value(name): self._in_value(one) for name, one in value.items()}
        if isinstance(value, Problem):
            return Problem(self.in_text(value.path), self.in_text(value.message))
        if type(value) in (list, tuple):
            return type(value)(map(self._in_value, value))
        return value

    def _cleaned(self, error: E, seen: set[int]) -> E:
        """Hide the secrets in what an exception holds, and in those behind it."""
        seen.add(id(error))
        error.args = tuple(map(self.in_json, error.args))
        for name, value in vars(error).items():
            vars(error)[name] = self.in_json(value)
        self._clean_behind(error, seen)
        return error

    def _clean_behind(self, error: BaseException, seen: set[int]) -> None:
        suppressed = error.__suppress_context__
        error.__cause__ = self._behind(error.__cause__, seen)
        error.__context__ = self._behind(error.__context__, seen)
        error.__suppress_context__ = suppressed

    def _behind(self, error: BaseException | None, seen: set[int]) -> BaseException | None:
        if error is None or id(error) in seen:
            return None if error is None else self._known(error)
        if isinstance(error, ConnectorError) or self._is_harmless(error):
            return self._cleaned(error, seen)
        return self._cause(error, seen)

    def _known(self, error: BaseException) -> BaseException | None:
        """Return an exception that was met before, unless it was replaced."""
        return error if isinstance(error, ConnectorError) or self._is_harmless(error) else None

    def _cause(self, error: BaseException, seen: set[int]) -> Cause:
        seen.add(id(error))
        kind = type(error)
        cause = Cause(self.in_text(f"{kind.__module__}.{kind.__qualname__}: {_text(error)}"))
        cause.__cause__ = self._behind(error.__cause__, seen)
        cause.__context__ = self._behind(error.__context__, seen)
        cause.__suppress_context__ = error.__suppress_context__
        return cause

    def _is_harmless(self, error: BaseException) -> bool:
        """Tell whether an exception holds texts and numbers alone, and no secret."""
        return all(
            value is None or isinstance(value, int | float) or self._is_clean(value)
            for value in (*error.args, *_held(error))
        )

    def _is_clean(self, value: Any) -> bool:
        return isinstance(value, str | bytes) and self._in_value(value) == value


class Flow:
    """A text that comes in pieces, and is passed on as it comes, without the secrets.

    The end of a piece is held back as long as it may be the beginning of a secret.
    """

    def __init__(self, hiding: Hiding) -> None:
        self._hiding = hiding
        self._held = ""

    def passed(self, piece: str) -> str:
        """Take the next piece in, and return what can be shown now."""
        if not (self._held or self._hiding.begins_in(piece)):
            return piece
        text = self._held + piece
        begins = self._hiding.begins_at(text)
        self._held = text[begins:]
        return self._hiding.in_text(text[:begins])

    def end(self) -> str:
        """Return what was held back."""
        held, self._held = self._held, ""
        return self._hiding.in_text(held)


def _held(error: BaseException) -> Iterator[object]:
    """Yield what an exception holds in its attributes."""
    for name in dir(error):
        if name == "args" or name.startswith("__"):
            continue
        with suppress(Exception):  # a property of a library may raise anything
            value = getattr(error, name)
            if not callable(value):
                yield value


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an exception and those behind it, each once."""
    seen, waiting = set[int](), [error]
    while waiting:
        if (one := waiting.pop()) is not None and id(one) not in seen:
            seen.add(id(one))
            waiting += [one.__cause__, one.__context__]
            yield one


def _headers(value: object) -> list[object]:
    """Return the headers of a request, whose repr may leave them out."""
    with suppress(Exception):
        return list(value.headers.items())  # type: ignore[attr-defined]
    return []


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # a library's own; that it has no text is no matter
        return ""
