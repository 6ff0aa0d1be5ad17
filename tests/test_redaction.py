"""A secret is found in a text however it is written, and no other text is changed."""

from __future__ import annotations

import html
import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from itertools import pairwise
from urllib.parse import quote

import httpx
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from openrouter_connector import ApiError, CredentialError, InputError, Problem
from openrouter_connector.secret import RedactedCause, Redactor, Secret, StreamRedactor, clean_token

LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
KEYS = st.text(f"{LETTERS}-_+/=.~:", min_size=16, max_size=80)
LONG = st.text(f"{LETTERS}-_", min_size=32, max_size=80)
ESCAPES: dict[str, Callable[[str], str]] = {
    "JSON": lambda letter: f"\\u{ord(letter):04x}",
    "JSON in JSON": lambda letter: f"\\\\\\u{ord(letter):04X}",
    "of five bytes": lambda letter: f"\\u{{{ord(letter):x}}}",
    "Python": lambda letter: f"\\x{ord(letter):02x}",
    "URL": lambda letter: f"%{ord(letter):02X}",
    "URL twice": lambda letter: f"%25{ord(letter):02x}",
    "HTML": lambda letter: f"&#{ord(letter)};",
    "HTML in hex": lambda letter: f"&#x{ord(letter):X};",
    "HTML in JSON": lambda letter: f"\\u0026#{ord(letter)};",
}


@pytest.mark.parametrize("escape", ESCAPES.values(), ids=ESCAPES)
@settings(deadline=None, max_examples=50)
@given(key=KEYS, which=st.integers(1), before=st.text("abc {}"), after=st.text("xyz {}"))
def test_any_of_its_letters_may_be_escaped(
    escape: Callable[[str], str], key: str, which: int, before: str, after: str
) -> None:
    escaped = "".join(
        escape(letter) if which >> place & 1 else letter for place, letter in enumerate(key)
    )

    hidden = Redactor(key).redact_text(f"{before} {escaped} {after}")

    assert hidden == f"{before} [token] {after}"


@pytest.mark.parametrize("encode", [b64encode, urlsafe_b64encode])
@settings(deadline=None, max_examples=50)
@given(key=KEYS, before=st.text(LETTERS, max_size=9), after=st.text(LETTERS, max_size=9))
def test_it_is_found_in_base64_wherever_it_begins(
    encode: Callable[[bytes], bytes], key: str, before: str, after: str
) -> None:
    encoded = encode(f"{before}{key}{after}".encode()).decode()
    around = len(encoded) - len(key) * 8 // 6

    for text in (encoded, encoded.rstrip("="), quote(encoded), encoded.replace("/", "\\/")):
        hidden = Redactor(key).redact_text(f"> {text} <")
        assert "[token]" in hidden
        assert len(hidden) <= len("> [token] <") + 3 * around + 6


@settings(deadline=None, max_examples=50)
@given(key=LONG)
def test_it_is_found_in_hex_in_capitals_and_in_two_lines(key: str) -> None:
    middle, redactor = len(key) // 2, Redactor(key)

    spellings = {
        "hex": key.encode().hex(),
        "small": key.lower(),
        "capitals": key.upper(),
        "two lines": f"{key[:middle]}\r\n   {key[middle:]}",
        "two lines of JSON": f"{key[:middle]}\\n{key[middle:]}",
        "HTML": html.escape(key),
    }
    assert {
        name: redactor.redact_text(f"< {one} >") for name, one in spellings.items()
    } == dict.fromkeys(spellings, "< [token] >")


@settings(deadline=None, max_examples=50)
@given(key=KEYS, value=st.recursive(st.text() | st.integers() | st.none(), st.lists))
def test_another_text_stays_as_it_is(key: str, value: object) -> None:
    raw = json.dumps({"a": value}).encode()

    assume(key[:8].encode().lower() not in raw.lower())

    assert Redactor(key).redact_bytes(raw) is raw
    assert Redactor(key).redact_json(json.loads(raw)) == {"a": value}


@settings(deadline=None, max_examples=50)
@given(raw=st.binary(max_size=300))
def test_bytes_that_are_no_text_are_no_error(raw: bytes) -> None:
    Redactor("sk-or-v1-0123456789abcdef").redact_bytes(raw + b"\\u0041" + raw)


def test_half_of_a_key_is_hidden_as_well() -> None:
    key = "sk-or-v1-0123456789abcdef0123456789ABCDEF"

    redactor = Redactor(key)

    assert redactor.redact_text(f"no such key: {key[:-8]}") == "no such key: [token]"
    assert (
        redactor.redact_text(f"no such key: {key[5:]}, {key[:5]}") == "no such key: [token], sk-or"
    )


def test_a_text_of_nothing_but_escapes_loses_the_key_alone() -> None:
    key = "sk-or-v1-0123456789abcdef"
    many, escaped = b"%41" * 349_520, b"".join(b"%%%02x" % code for code in key.encode())

    # It stands where one window ends and the next begins.
    assert (
        Redactor(key).redact_bytes(many + b" " + escaped + b" " + many)
        == many + b" [token] " + many
    )


UNSEEN = "\x00\x07\x1b\x7f\x85\x9b\xad\u061c\u200b\u200d\u202d\u2060\u2066\ufe0f\ufeff\ud800\udfff"


@pytest.mark.parametrize("sign", [*UNSEEN, "\x1b[0m", "\x1b[1;31m"], ids=ascii)
@pytest.mark.parametrize("size", [1, 6])
def test_what_no_reader_sees_may_stand_between_its_letters(sign: str, size: int) -> None:
    key = "sk-or-v1-0123456789abcdef0123456789ABCDEF"
    split = sign.join(key[at : at + size] for at in range(0, len(key), size))

    assert Redactor(key).redact_text(f"< {split} >") == "< [token] >"
    assert Redactor(key).redact_text(f"< {json.dumps(split)} >") == '< "[token]" >'


@settings(deadline=None, max_examples=50)
@given(key=LONG)
def test_it_is_found_as_mails_terminals_and_dumps_of_bytes_write_it(key: str) -> None:
    raw = key.encode()
    spellings = {
        "mail": "".join(f"={code:02X}" for code in raw),
        "octal": "".join(f"\\{code:03o}" for code in raw),
        "hex with colons": raw.hex(":"),
        "HEX WITH SPACES": raw.hex(" ").upper(),
        "HTML twice": "".join(f"&amp;#x{code:x};" for code in raw),
        "wide": "".join(chr(code + 0xFEE0) for code in raw),
        "another hyphen": key.replace("-", "\u2011"),
    }

    assert {name: Redactor(key).redact_text(f"< {one} >") for name, one in spellings.items()} == (
        dict.fromkeys(spellings, "< [token] >")
    )


@settings(deadline=None, max_examples=200)
@given(
    key=KEYS,
    around=st.tuples(st.text(max_size=9), st.text(max_size=9)),
    cuts=st.sets(st.integers(0, 90), max_size=20),
    part=st.integers(1, 80),
)
def test_a_text_in_pieces_loses_what_the_whole_one_does(
    key: str, around: tuple[str, str], cuts: set[int], part: int
) -> None:
    for said in (key, f"{key[:part]} "):
        whole = f"{around[0]} {said} {around[1]}"
        places = [0, *sorted(cuts), len(whole)]
        flow = StreamRedactor(Redactor(key))

        shown = [flow.feed(whole[one:two]) for one, two in pairwise(places)]

        came = "".join((*shown, flow.flush()))
        assert key not in came
        if said == key:
            assert came == f"{around[0]} [token] {around[1]}"


def test_a_piece_is_passed_on_at_once_unless_a_key_may_begin_in_it() -> None:
    flow = StreamRedactor(Redactor("sk-or-v1-0123456789abcdef"))

    assert [flow.feed(one) for one in ("Hello", " ask", "-o", "range", " s")] == [
        "Hello",
        " a",
        "",
        "sk-orange",
        " ",
    ]
    assert flow.flush() == "s"


def test_a_short_secret_is_a_word_and_stays() -> None:
    assert Redactor("none", None, "").redact_text("none of it") == "none of it"


def test_a_token_is_not_shown_by_the_repr_of_what_holds_it() -> None:
    token = clean_token(" sk-or-v1-0123456789abcdef ")

    assert isinstance(token, Secret)
    assert (f"{token}", repr([token])) == ("sk-or-v1-0123456789abcdef", "[[token]]")
    with pytest.raises(CredentialError):
        clean_token("with a space")


class Foreign(Exception):
    """An error of a library, which holds what was sent."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.request = {"authorization": text}


def test_errors_keep_what_they_say_and_lose_the_key() -> None:
    key = "sk-or-v1-0123456789abcdef"
    error = ApiError(key, code=key, provider=key, generation_id=key, partial=key, job=key)
    error.raw = {key: [key, {"b": b64encode(key.encode()).decode()}]}
    error.files = [{"name": key}]
    error.add_note(key)
    foreign = Foreign(key)
    foreign.__context__ = InputError([Problem(key, key)])
    error.__cause__ = foreign

    clean = Redactor(key).redact_error(error)

    assert clean is error
    assert [error.message, error.code, error.provider, error.job] == ["[token]"] * 4
    assert key not in f"{vars(error)} {error.args} {error.to_json()} {error.__notes__}"
    assert isinstance(error.__cause__, RedactedCause)
    assert str(error.__cause__) == "test_redaction.Foreign: [token]"
    behind = error.__cause__.__context__
    assert isinstance(behind, InputError)
    assert behind.problems == (Problem("[token]", "[token]"),)


def test_an_error_of_others_passes_unless_it_shows_the_key() -> None:
    key = "sk-or-v1-0123456789abcdef"

    with pytest.raises(KeyError, match="else"):
        handled(KeyError("else"), Redactor(key))
    with pytest.raises(RedactedCause, match="RuntimeError: no such key") as caught:
        handled(RuntimeError(f"no such key: {key}"), Redactor(key))
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)


def handled(error: Exception, redactor: Redactor) -> None:
    try:
        raise error
    except Exception as caught:
        redactor.raise_redacted(caught)


@pytest.mark.parametrize("behind", [False, True], ids=["itself", "its cause"])
def test_an_error_of_others_loses_the_request_that_it_holds(behind: bool) -> None:
    key = "sk-or-v1-0123456789abcdef"
    request = httpx.Request("GET", "http://x", headers={"authorization": f"Bearer {key}"})
    lost = httpx.ReadError("cut", request=request)
    error = RuntimeError("it failed") if behind else lost
    error.__cause__ = lost if behind else None

    assert Redactor(key).redact_error(error) is error
    if behind:
        assert str(error.__cause__) == "httpx.ReadError: cut"
        assert isinstance(error.__cause__, RedactedCause)
    else:
        assert "_request" in vars(error)
        assert vars(error)["_request"] is None
        assert str(error) == "cut"


def test_causes_in_a_circle_have_an_end() -> None:
    one, other = ApiError("one"), ApiError("other")
    one.__context__, other.__context__ = other, one

    assert Redactor("sk-or-v1-0123456789abcdef").redact_error(one) is one
