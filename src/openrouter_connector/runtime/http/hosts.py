"""Normalize hosts to one spelling, so that a check and the connection see the same host.

`loc%61lhost`, `１２７。0.0.1`, `0x7f.1`, `2130706433` and `[::①]` all mean this machine. The client
connects to exactly the text that was checked.
"""

from __future__ import annotations

import re
import socket
from ipaddress import IPv6Address
from unicodedata import normalize
from urllib.parse import unquote

_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_ALLOWED = re.compile(r"[a-z0-9._~!$&'()*+,;=-]+")
_LONGEST_LABEL, _LONGEST = 63, 253  # RFC 1035


def normal_host(host: str) -> str:
    """Return a host in lower-case ASCII, an address in its usual form. ValueError says why not."""
    text = unquote(host, errors="strict") if "%" in host else host
    # Full-width digits and circled numbers become plain ones here, as the resolver reads them.
    text = normalize("NFKC", text).lower()
    if ":" in text:
        return str(IPv6Address(text.strip("[]")))
    name = text if text.isascii() else _ascii(text)
    if not _ALLOWED.fullmatch(name):
        raise ValueError("it is empty or contains a character that a host cannot have")
    # Browsers read any host whose last label is a number as an address, and so do resolvers.
    if _NUMBER.fullmatch(name.removesuffix(".").rpartition(".")[2]):
        return _ipv4(name)
    labels = name.removesuffix(".").split(".")
    if "" in labels:
        raise ValueError("a part of it is empty")
    if max(map(len, labels)) > _LONGEST_LABEL:
        raise ValueError(f"a part of it is longer than {_LONGEST_LABEL} characters")
    if len(name) > _LONGEST:
        raise ValueError(f"it is longer than {_LONGEST} characters")
    return name


def _ascii(name: str) -> str:
    import idna  # slow to import, and few hosts need it

    return idna.encode(name, uts46=True).decode("ascii")  # IDNAError is a ValueError


def _ipv4(text: str) -> str:
    """Read a numeric host as `inet_aton`, browsers and resolvers do: hex, octal, short forms."""
    try:
        return socket.inet_ntoa(socket.inet_aton(text.removesuffix(".")))
    except OSError as error:
        raise ValueError("it ends in a number but is not an IPv4 address") from error
