"""Redact secrets: remove API keys from text, bytes, JSON, streams, errors and reprs.

    Redactor("sk-or-…").redact_text("no such key: %73k-or-…")  ->  "no such key: [token]"

`secret_spellings.py` finds a key however it is escaped or encoded. The transport redacts every
response and error with this, before anything else reads them.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, NoReturn, TypeGuard, TypeVar

from .errors import ConnectorError, CredentialError, Problem
from .secret_spellings import REDACTED, SecretSpellings
from .values import Json

_MIN_LENGTH = 8  # characters

E = TypeVar("E", bound=BaseException)


class _RedactedRepr:
    def __repr__(self) -> str:
        return REDACTED


class Secret(_RedactedRepr, str):
    """A string whose repr is redacted, also inside the repr of an object that holds it."""


class SecretBytes(_RedactedRepr, bytes):
    """Bytes whose repr is redacted."""


class RedactedCause(Exception):
    """Stands in for a library's exception; drops the objects it held, such as the request."""


def clean_token(token: str | None) -> Secret | None:
    """Strip a token; raise CredentialError if it contains characters no HTTP header may hold."""
    token = token.strip() if token else None
    if token and not (token.isascii() and token.isprintable() and " " not in token):
        raise CredentialError("the token contains invalid characters; copy it again")
    return Secret(token) if token else None


def raise_without_context(error: Exception) -> NoReturn:
    """Raise an error, and drop the exception that is being handled."""
    try:
        raise error
    finally:
        # `from None` only hides the context from tracebacks; loggers can still reach it.
        error.__context__ = None


def is_secret(token: str | None) -> TypeGuard[str]:
    """Return whether a token must be redacted.

    Shorter ones are placeholders such as `none`, for servers that need no key. Redacting them
    would cut ordinary words.
    """
    return token is not None and len(token) >= _MIN_LENGTH


class Redactor:
    """Redacts a set of secrets from text, JSON and errors; without secrets it changes nothing."""

    def __init__(self, *secrets: str | None) -> None:
        self._secrets = tuple(map(Secret, dict.fromkeys(filter(is_secret, secrets))))
        self._prepare()

    def learn(self, secret: str) -> None:
        """Redact one more secret from now on, such as a key that a response holds."""
        if is_secret(secret) and secret not in self._secrets:
            self._secrets = (*self._secrets, Secret(secret))
            self._prepare()

    def _prepare(self) -> None:
        self._spellings = [SecretSpellings(secret.encode()) for secret in self._secrets]
        self._shortest = min((known.shortest for known in self._spellings), default=sys.maxsize)
        self._prefix: re.Pattern[str] | None = None

    def may_match(self, raw: bytes) -> bool:
        """Return quickly whether bytes may contain a secret; mostly they do not."""
        return any(known.may_match(raw) for known in self._spellings)

    def may_begin_in(self, text: str) -> bool:
        """Return quickly whether a short text may contain the first letters of a secret."""
        if len(text) >= self._shortest:
            return True
        if self._prefix is None:  # compiled for the first stream: a single call has none
            # One search for all secrets: this runs for every chunk of every stream.
            prefixes = "|".join(known.prefix_pattern for known in self._spellings)
            self._prefix = re.compile(prefixes or "$.", re.IGNORECASE)  # `$.` never matches
        return self._prefix.search(text) is not None

    def partial_start(self, text: str) -> int:
        """Return where a secret may begin that the text's end cuts off; else the text's length."""
        start = len(text)
        for known in self._spellings:
            start = min(start, known.partial_start(text))
        return start

    def redact_bytes(self, raw: bytes) -> bytes:
        """Return encoded text without the secrets."""
        for known in self._spellings:
            if known.may_match(raw):
                raw = known.redact(raw)
        return raw

    def redact_text(self, text: str) -> str:
        """Return text without the secrets."""
        if len(text) < self._shortest:
            return text
        raw = text.encode(errors="surrogatepass")
        redacted = self.redact_bytes(raw)
        return text if redacted is raw else redacted.decode(errors="surrogatepass")

    def redact_json(self, value: Json) -> Json:
        """Return a JSON value without the secrets in its strings and keys."""
        try:
            return self._redact_value(value)
        except RecursionError:  # too deep to search: hide all of it rather than leak
            return REDACTED

    def raise_redacted(self, error: Exception) -> NoReturn:
        """Raise the error that is being handled again, without the secrets in it."""
        redacted = self.redact_error(error)
        if redacted is error:
            raise error
        raise_without_context(redacted)

    def redact_error(self, error: Exception) -> Exception:
        """Return an error without the secrets.

        Our own errors are cleaned in place. A library's error is kept if its message contains no
        secret, minus the attributes that do; else a `RedactedCause` replaces it. In the chain
        behind our errors, any exception that holds more than text and numbers is replaced too.
        """
        if isinstance(error, ConnectorError):
            return self._cleaned(error, set())
        message = _message_of(error)
        for name, value in vars(error).items():
            if self._is_exposed_by(value):
                vars(error)[name] = None
        if self._exposes(error) or _message_of(error) != message:
            return self._replacement(error, set())
        if any(map(self._exposes, _chain(error))):
            self._clean_chain(error, {id(error)})
        return error

    def _exposes(self, error: BaseException) -> bool:
        """Return whether an exception contains a secret, in its text or in a request it holds."""
        notes = getattr(error, "__notes__", ())
        parts = (_message_of(error), error.args, *notes, *_attributes(error))
        return any(map(self._is_exposed_by, parts))

    def _is_exposed_by(self, value: object) -> bool:
        written = repr((value, _headers(value)))
        return self.redact_text(written) != written

    def _redact_value(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.redact_text(value)
        if isinstance(value, bytes):
            return self.redact_bytes(value)
        if isinstance(value, dict):
            return {
                self._redact_value(key): self._redact_value(item) for key, item in value.items()
            }
        if isinstance(value, Problem):
            return Problem(self.redact_text(value.path), self.redact_text(value.message))
        if type(value) in (list, tuple):
            return type(value)(map(self._redact_value, value))
        return value

    def _cleaned(self, error: E, seen: set[int]) -> E:
        """Redact the attributes of an exception, and its chain."""
        seen.add(id(error))
        error.args = tuple(map(self.redact_json, error.args))
        for name, value in vars(error).items():
            vars(error)[name] = self.redact_json(value)
        self._clean_chain(error, seen)
        return error

    def _clean_chain(self, error: BaseException, seen: set[int]) -> None:
        suppressed = error.__suppress_context__  # setting __cause__ changes it
        error.__cause__ = self._cleaned_link(error.__cause__, seen)
        error.__context__ = self._cleaned_link(error.__context__, seen)
        error.__suppress_context__ = suppressed

    def _cleaned_link(self, error: BaseException | None, seen: set[int]) -> BaseException | None:
        if error is None:
            return None
        safe = isinstance(error, ConnectorError) or self._is_harmless(error)
        if id(error) in seen:
            return error if safe else None  # an unsafe one was replaced where it was first met
        return self._cleaned(error, seen) if safe else self._replacement(error, seen)

    def _replacement(self, error: BaseException, seen: set[int]) -> RedactedCause:
        seen.add(id(error))
        kind = type(error)
        text = f"{kind.__module__}.{kind.__qualname__}: {_message_of(error)}"
        cause = RedactedCause(self.redact_text(text))
        cause.__cause__ = self._cleaned_link(error.__cause__, seen)
        cause.__context__ = self._cleaned_link(error.__context__, seen)
        cause.__suppress_context__ = error.__suppress_context__
        return cause

    def _is_harmless(self, error: BaseException) -> bool:
        """Return whether an exception holds only text and numbers, and no secret."""
        return all(
            value is None or isinstance(value, int | float) or self._is_clean(value)
            for value in (*error.args, *_attributes(error))
        )

    def _is_clean(self, value: Any) -> bool:
        return isinstance(value, str | bytes) and self._redact_value(value) == value


class StreamRedactor:
    """Redacts a text that arrives in chunks, and passes it on without waiting for its end.

    The end of a chunk is held back while it may be the beginning of a secret.
    """

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._pending = ""

    def feed(self, chunk: str) -> str:
        """Add the next chunk, and return the text that is safe to show now."""
        if not (self._pending or self._redactor.may_begin_in(chunk)):
            return chunk
        text = self._pending + chunk
        start = self._redactor.partial_start(text)
        self._pending = text[start:]
        return self._redactor.redact_text(text[:start])

    def flush(self) -> str:
        """Return the text that is still held back."""
        pending, self._pending = self._pending, ""
        return self._redactor.redact_text(pending)


def _attributes(error: BaseException) -> Iterator[object]:
    """Yield the values of an exception's attributes and properties."""
    for name in dir(error):
        if name == "args" or name.startswith("__"):
            continue
        with suppress(Exception):  # a library's property may raise anything
            value = getattr(error, name)
            if not callable(value):
                yield value


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an exception and its causes and contexts, each once."""
    seen, waiting = set[int](), [error]
    while waiting:
        if (link := waiting.pop()) is not None and id(link) not in seen:
            seen.add(id(link))
            waiting += [link.__cause__, link.__context__]
            yield link


def _headers(value: object) -> list[object]:
    """Return the headers of a request: the repr of a request leaves them out."""
    with suppress(Exception):
        return list(value.headers.items())  # type: ignore[attr-defined]
    return []


def _message_of(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # a library's own __str__ may fail; then there is nothing to redact
        return ""
