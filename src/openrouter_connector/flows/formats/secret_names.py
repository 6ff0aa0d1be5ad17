"""Tell by its name whether a value is a secret, and by its text whether it only stands for one.

is_secret_name("dbPassword"), ("X-Api-Key"), ("OPENAI_API_KEY"), ("authTokens")    True
is_secret_name("maxTokens"), ("nextPageToken"), ("publicKey")                      False
"""

from __future__ import annotations

import re
from functools import lru_cache

from ...secret_spellings import REDACTED
from .expressions import read_template

# Compared in lower case, without `-`, `_`, `.` and spaces, and without a number at the end.
_ENDINGS = (
    "accesskey", "accountkey", "anthropickey", "apikey", "authkey", "authorization",
    "connectionstring", "encryptionkey", "licensekey", "masterkey", "openaikey", "openrouterkey",
    "passcode", "passphrase", "passwd", "password", "passwort", "privatekey", "pwd", "secret",
    "secretkey", "servicekey", "sharedkey", "signingkey", "subscriptionkey", "token",
)  # fmt: skip
_WHOLE = {"cookie", "setcookie"}
_LAST = {ending[-1] for ending in (*_ENDINGS, *_WHOLE)} | {"s"}
"""The letters that such a name ends with: most names end with another."""
# A token of these is a place in a list, or a piece of text.
_NO_SECRETS = (
    "bostoken", "clstoken", "continuationtoken", "cursortoken", "endtoken", "eostoken",
    "masktoken", "maxtoken", "mintoken", "nexttoken", "padtoken", "pagetoken", "pertoken",
    "septoken", "starttoken", "stoptoken", "synctoken", "unktoken",
)  # fmt: skip
_VARIABLE = re.compile(r"[A-Z0-9_]+_(?:KEY|PASS)")  # as environments name a secret
_LONGEST = 100  # characters of a name
_SEPARATORS = str.maketrans("", "", "-_. ")

_NAMED = r"(?:your|my|the)[-_ ](?:[a-z]+[-_ ]){0,4}(?:key|token|secret|password|here)"
_PLACEHOLDER = re.compile(
    r"(?:\$env:\w+|%[A-Z0-9_]+%|\$(?:env|inputs|json|secrets|steps|vars)\b.*"
    rf"|=?\{{\{{.*\}}\}}|\{{[\w .-]*\}}|<.*>|\[[a-z_ -]+\]|{re.escape(REDACTED)}"
    rf"|rf_key:.*|{_NAMED}|x{{3,}}[x-]*|\*+|\.\.\.|…)?",
    re.IGNORECASE | re.DOTALL,
)
_SHELL = re.compile(r"\$([a-zA-Z_]\w*)")
_SCHEME = re.compile(r"\s*(?:(?:bearer|key|basic|token)\s+)?", re.IGNORECASE)


@lru_cache(4096)
def is_secret_name(name: str) -> bool:
    """Return whether the value of this name is a secret, whatever it looks like."""
    if len(name) > _LONGEST:
        return False
    plain = name.rstrip("0123456789").lower().translate(_SEPARATORS)
    if plain[-1:] not in _LAST:
        return False
    if plain.endswith("s") and not plain.endswith("maxtokens") and plain != "tokens":
        plain = plain[:-1]
    if plain.endswith(_ENDINGS):
        return not plain.endswith(_NO_SECRETS)
    return plain in _WHOLE or _VARIABLE.fullmatch(name) is not None


def is_placeholder(text: str) -> bool:
    """Return whether a text only stands for a secret, as `$API_KEY` and `<your key>` do.

    So does an expression that reads a value; one that holds the secret itself does not.
    """
    text = text[_SCHEME.match(text).end() :].strip()  # type: ignore[union-attr]
    if "${" in text or text.startswith("="):
        template = read_template(text)
        if template.reads and len(template.parts) == 1:
            return True
    if found := _SHELL.fullmatch(text):
        return found[1].isupper() or is_secret_name(found[1])
    return _PLACEHOLDER.fullmatch(text) is not None
