"""Tell secrets by the names of their values, and placeholders of secrets by their texts.

is_secret_name("dbPassword"), ("X-Api-Key"), ("OPENAI_API_KEY"), ("authTokens")    True
is_secret_name("maxTokens"), ("nextPageToken"), ("publicKey")                      False
"""

from __future__ import annotations

import re
from functools import lru_cache
from unicodedata import normalize

from ...secret_spellings import REDACTED
from .expressions import read_template

# Compared by letters and digits alone, in lower case and without a number at the end.
_ENDINGS = (
    "accesskey", "accesskeyid", "accountkey", "anthropickey", "apikey", "authkey", "authorization",
    "basicauth", "bearerauth", "connectionstring", "dbpass", "deploykey",
    "encryptionkey", "githubpat", "gitlabpat", "hmackey", "licensekey", "masterkey", "openaikey",
    "openrouterkey", "passcode", "passphrase", "passwd", "password", "passwort", "privatekey",
    "pwd", "secret", "secretkey", "servicekey", "sharedkey", "signingkey", "smtppass", "sshkey",
    "subscriptionkey", "token", "userpass", "webhookkey",
)  # fmt: skip
_WHOLE = {
    "auth", "bearer", "cookie", "cred", "credential", "dsn", "otp", "pass", "pat", "proxyauth",
    "sentrydsn", "setcookie", "totp",
}  # fmt: skip
_HOLDING = {"apikey", "cred", "credential", "password", "secret"}
"""Names of objects that hold secrets, under whatever names."""
_PASSES = ("dbpass", "smtppass", "userpass")
_LAST = {ending[-1] for ending in (*_ENDINGS, *_WHOLE)}
"""The letters that such a name ends with: most names end with another."""
# A token of these is a place in a list, or a piece of text.
_NO_SECRETS = (
    "bostoken", "clstoken", "continuationtoken", "cursortoken", "endtoken", "eostoken",
    "masktoken", "maxtoken", "mintoken", "nexttoken", "padtoken", "pagetoken", "pertoken",
    "septoken", "starttoken", "stoptoken", "synctoken", "unktoken",
)  # fmt: skip
_VARIABLE = re.compile(r"[A-Z0-9_]+_(?:KEY|PASS)")  # as environments name a secret
_LONGEST = 100  # characters of a name whose answer is remembered
_DIGITS = "0123456789"
_SEPARATORS = {code: None for code in range(128) if not chr(code).isalnum()}
_FILLERS = "\u115f\u1160\u3164\uffa0"  # letters that nobody sees
_LOOK_ALIKES = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0445\u0443\u0456\u0455\u0458\u0501\u04bb\u043a\u043c\u0442"
    "\u0432\u051b\u051d\u0261\u0131\u03bf\u03b1\u03c1\u03ba\u03bd\u03b5\u03b9\u03c4\u03c5",
    "aeopcxyisjdhkmtbqwgioapkveitu",
    _FILLERS,
)
"""Cyrillic and Greek letters that look like Latin ones."""

_NAMED = r"(?:your|my|the)[-_ ](?:[a-z]+[-_ ]){0,4}(?:key|token|secret|password|here)"
_PLACEHOLDER = re.compile(
    r"(?:\$env:\w+|%[A-Z0-9_]+%|\$(?:env|inputs|json|secrets|steps|vars)\b.*"
    rf"|=?\{{\{{.*\}}\}}|\{{[\w .-]*\}}|<.*>|\[[a-z_ -]+\]|{re.escape(REDACTED)}"
    rf"|rf_key:.*|{_NAMED}|x{{3,}}[x-]*|\*+|\.\.\.|…)?",
    re.IGNORECASE | re.DOTALL,
)
_SHELL = re.compile(r"\$([a-zA-Z_]\w*)")
_SCHEME = re.compile(r"\s*(?:(?:bearer|key|basic|token)\s+)?", re.IGNORECASE)


# What quotes a name and no value: `$('Set node')`, `json['api key']`, `$fromAI('key')`; and an
# empty text.
_QUOTED_NAME = re.compile(
    r"\$\w*\(\s{0,9}(['\"`])[^'\"`]*\1\s{0,9}\)|(?<=[\w)\]?.])\[\s{0,9}(['\"`])[^'\"`]*\2\s{0,9}\]"
    r"|\$fromAI\((?:\s{0,9}(?:'[^']*'|\"[^\"]*\"|`[^`]*`)\s{0,9},?){1,3}\)|''|\"\""
)
_LITERAL = re.compile(r"['\"`]|(?<![\w.])\d{6}")
_CODE = re.compile(r"=|\$(?!env:)\w*[.\[(]|.*(?:\$\{|\{\{)", re.DOTALL)


def is_secret_name(name: str) -> bool:
    """Return whether the value of this name is a secret, whatever it looks like."""
    return _remembered(name) if len(name) <= _LONGEST else _is_secret(name)


def holds_secrets(name: str) -> bool:
    """Return whether all texts in an object of this name are secrets."""
    return _plain(name).removesuffix("s") in _HOLDING


def _is_secret(name: str) -> bool:
    plain = _plain(name)
    if plain[-1:] == "s" and plain != "pass" and not plain.endswith(_PASSES):
        if plain == "tokens" or plain.endswith("maxtokens"):
            return False
        if plain.endswith("credentials"):
            return True
        plain = plain[:-1]
    if plain[-1:] not in _LAST:
        return False
    if plain.endswith(_ENDINGS):
        return not plain.endswith(_NO_SECRETS)
    return plain in _WHOLE or _VARIABLE.fullmatch(name) is not None


_remembered = lru_cache(4096)(_is_secret)


def _plain(name: str) -> str:
    """Return the letters and digits of a name: `api_key_value`, `apiKey2b`, … are `apikey`."""
    if name.isascii():
        plain = name.lower().translate(_SEPARATORS)
    else:
        plain = normalize("NFKD", name).lower().translate(_LOOK_ALIKES)
        plain = "".join(filter(str.isalnum, plain))
    if plain[-2:-1].isdigit():
        plain = plain[:-1]
    return plain.rstrip(_DIGITS).removesuffix("value")


def is_placeholder(text: str) -> bool:
    """Return whether a text is a placeholder for a secret, such as `$API_KEY` or `<your key>`.

    So does an expression that reads a value. One with a text or a long number in it may hold the
    secret itself, as `${key ?: 'hunter2'}` does.
    """
    text = text[_SCHEME.match(text).end() :].strip()  # type: ignore[union-attr]
    if _CODE.match(text) and _LITERAL.search(_QUOTED_NAME.sub("", text)):
        return False
    if "${" in text or text.startswith("="):
        template = read_template(text)
        if template.reads and len(template.parts) == 1:
            return True
    if found := _SHELL.fullmatch(text):
        return found[1].isupper() or is_secret_name(found[1])
    return _PLACEHOLDER.fullmatch(text) is not None
