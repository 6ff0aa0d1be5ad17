"""Get an API key and test it, until one works or the person gives up."""

from __future__ import annotations

import sys
from argparse import Namespace
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING

from ...errors import ApiError, ConnectorError, CredentialError, InputError, UnavailableError
from ...values import JsonObject
from . import key_sources
from .help_text import sentence
from .key_summary import key_summary
from .questions import InputEnded, ask_line, choose, confirm, confirm_or_secret
from .run_async import run_async
from .terminal import is_terminal, note

if TYPE_CHECKING:
    from ...connections.key_report import KeyReport
    from ...definition.model import Component

_POSSIBLY_GOOD = {"unverified", "noCredits", "offline", "management"}
"""States in which a key may work later, or for other actions; saved if the person agrees."""

_MANAGES_ONLY = "it can manage keys and read the account, and calls no model"


@dataclass(frozen=True, slots=True)
class VerifiedKey:
    """A key, and what its server reports about it."""

    token: str | None
    report: KeyReport


def get_verified_key(
    args: Namespace, component: Component, base_url: str | None, properties: JsonObject
) -> VerifiedKey:
    """Return a key that works, or one that may work if the person accepts it.

    Raise the last error if the person gives up, or if there is nobody to ask.
    """
    pasted: str | None = None
    while True:
        key: VerifiedKey | None = None
        try:
            token = pasted or _get_token(args, component, base_url)
            key = _test(args, component, base_url, token, properties)
            if key.report.ok:
                return key
            error: ConnectorError = _error(args, key.report)
            if made := _limited_key(args, component, base_url, key):
                pasted = made
                continue
        except InputEnded:
            raise
        except (CredentialError, ApiError, InputError) as failure:
            error = failure
        acceptable = key is not None and key.report.state in _POSSIBLY_GOOD and not args.sandbox
        if not is_interactive() and not (acceptable and args.yes):
            raise error
        note(sentence(str(error)))
        if key and acceptable and (args.yes or confirm(_save_anyway(key.report))):
            return key
        note("You can paste another API key here (input is hidden).")
        answer = confirm_or_secret("Try again?")
        if not answer:
            raise error
        pasted, args.source = answer if isinstance(answer, str) else None, None


def _limited_key(
    args: Namespace, component: Component, base_url: str | None, key: VerifiedKey
) -> str | None:
    """Offer to create a key for this connector alone with a management key; None if not wanted."""
    if key.report.state != "management" or not component.connection.new_key:
        return None
    if not (is_interactive() and key.token):
        return None
    from ...connections.new_key import create_key

    note("This is a management key: it manages the account, and cannot call a model.")
    if not confirm("Create a key for this connector with it?", default=True):
        return None
    limit = args.limit if args.limit is not None else _ask_limit()
    name = args.name or key_sources.LABEL
    made = run_async(
        create_key(component, key.token, name, limit, base_url=base_url, allow_http=args.allow_http)
    )
    note(f"Created the key {name!r}. The management key is not saved.")
    return made


def _save_anyway(report: KeyReport) -> str:
    if report.state == "management":
        return f"Save the management key itself? ({sentence(_MANAGES_ONLY)})"
    return "Save this key anyway?"


def _ask_limit() -> float | None:
    """Return the spending limit that a person enters, in USD; None without one."""
    while text := ask_line("Spending limit in USD (Enter for none):").strip().removeprefix("$"):
        try:
            limit = float(text)
        except ValueError:
            limit = 0.0
        if isfinite(limit) and limit > 0:
            return limit
        note("Enter an amount above 0, such as 5.")
    return None


def is_interactive() -> bool:
    """Return whether there is a person to ask."""
    return is_terminal(sys.stdin)


def _get_token(args: Namespace, component: Component, base_url: str | None) -> str | None:
    source = args.source or _choose_source(args, component, base_url)
    return key_sources.get_key(source, args, component, base_url)


def _choose_source(args: Namespace, component: Component, base_url: str | None) -> str:
    from ...runtime.http.base_url import is_same_server

    if component.connection.oauth is None:
        return key_sources.ENTER
    # Other servers with the same API seldom have its login page.
    own = is_same_server(base_url or component.base_url, component.base_url)
    has_login = args.sandbox or own
    default = key_sources.BROWSER if has_login else key_sources.ENTER
    note("How do you want to connect?")
    return choose("Your choice:", key_sources.KEY_SOURCES, default)


def _test(
    args: Namespace,
    component: Component,
    base_url: str | None,
    token: str | None,
    properties: JsonObject,
) -> VerifiedKey:
    """Test a key at its server, and print the details of one that works."""
    from ...connections.key_check import check_key
    from ...runtime.build import mapping

    form = component.connection.properties
    headers = mapping(form, "GET", properties, {"token"}).headers
    report = run_async(
        check_key(component, token, base_url=base_url, headers=headers, allow_http=args.allow_http)
    )
    if report.ok:
        kind = f"  {'kind':<10} {report.kind or 'unknown'}"
        note("\n".join([sentence(report.message), kind, *key_summary(report)]))
    return VerifiedKey(token, report)


def _error(args: Namespace, report: KeyReport) -> ConnectorError:
    """Return the error of a failed test; without a terminal it names the option that helps."""
    message = report.message
    if report.state in _POSSIBLY_GOOD and not (is_interactive() or args.sandbox or args.yes):
        message = f"{message}; add --yes to save it anyway"
        message += f": {_MANAGES_ONLY}" if report.state == "management" else ""
    if report.state == "offline":
        return UnavailableError(message, retryable=True)
    return CredentialError(message)
