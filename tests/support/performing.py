"""The type of the fixtures that perform an action."""

from __future__ import annotations

from collections.abc import Callable

from openrouter_connector import Result

Perform = Callable[..., Result]
"""`perform(action, parameters, **options)`: the options are those of `Connector.connect`."""
