"""The details of an API key, as lines for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...connections.key_report import KeyReport


def key_summary(report: KeyReport) -> list[str]:
    """Return a line for each detail that the server reports about a key."""
    from ...money import format_usd

    left, limit = report.limit_remaining, report.limit
    of = f" of {format_usd(limit)}" if limit is not None else ""
    reset = f", resets {report.limit_reset}" if report.limit_reset else ""
    details = {
        "label": report.label,
        "left": None if left is None else f"{format_usd(left)}{of}{reset}",
        # A server that reports the kind of the key would have reported its limit too.
        "limit": "none" if report.ok and report.kind and limit is None else None,
        "spent": None if report.usage is None else format_usd(report.usage),
        "free tier": "yes" if report.free_tier else None,
        "expires": report.expires_at,
        "credits": None
        if report.credits is None
        else f"{format_usd(report.credits)} in the account",
    }
    return [f"  {name:<10} {detail}" for name, detail in details.items() if detail]
