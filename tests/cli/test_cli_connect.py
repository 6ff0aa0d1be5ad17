"""The wizard: with a person at a terminal, and with flags where there is none."""

from __future__ import annotations

import io
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from browser import code_in, decides, title_of
from cli.ended import Command
from cli.terminal import terminal
from openrouter_connector.connections.store import ConnectionStore, StoredConnection
from openrouter_connector.sandbox import Sandbox
from scripted import reply, scripted

KEY = "sk-or-v1-sandbox-good-0123456789abcdef"
TESTS = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """A sandbox of these tests alone: another file counts the requests of the common one."""
    with Sandbox() as running:
        yield running


@pytest.fixture(autouse=True)
def no_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test opens a window."""
    monkeypatch.setenv("BROWSER", f"{shlex.quote(sys.executable)} -c pass %s")


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> None:
    """The browser of this machine, with a person who allows everything."""
    code = "import sys; from browser import decides; decides(sys.argv[1])"
    monkeypatch.setenv("PYTHONPATH", str(TESTS))
    monkeypatch.setenv("BROWSER", f"{shlex.quote(sys.executable)} -c {shlex.quote(code)} %s")


@pytest.fixture
def at(sandbox: Sandbox) -> tuple[str, ...]:
    return ("connect", "--base-url", sandbox.base_url)


@pytest.fixture
def store() -> ConnectionStore:
    """The connections that the commands see too."""
    return ConnectionStore()


@pytest.fixture
def stdin(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What stands on stdin of a command that has no terminal."""
    given = io.StringIO()
    monkeypatch.setattr("sys.stdin", given)
    yield given


def put(stdin: io.StringIO, text: str) -> None:
    stdin.seek(0)
    stdin.truncate()
    stdin.write(text)
    stdin.seek(0)


def label_of(store: ConnectionStore, name: str) -> str:
    """Ask the server of a connection what it calls the key of it."""
    stored = store.get(name)
    told = httpx.get(f"{stored.base_url}/key", headers={"Authorization": f"Bearer {stored.token}"})
    return str(told.json()["data"]["label"])


def test_a_person_connects_in_the_browser_and_asks_a_first_question(
    at: tuple[str, ...], browser: None, store: ConnectionStore, sandbox: Sandbox
) -> None:
    with terminal(*at, "--limit", "2.5") as screen:
        screen.sees("Which one? [3]")
        screen.types("1")
        screen.sees("left       $2.50 of $2.50")
        screen.sees("What is it to be called? [127.0.0.1]")
        screen.types("laptop")
        screen.sees("'laptop' is stored, and serves where none is named.")
        screen.sees("Ask sandbox/echo something now (costs $")
        screen.types("y")
        screen.sees("You said: What can this connector do for me?")
        assert screen.ends() == 0

    assert label_of(store, "laptop") == "openrouter-connector"
    assert str(store.get("laptop").token) not in screen.shown


def test_a_key_of_the_free_tier_is_offered_a_free_model(at: tuple[str, ...]) -> None:
    with terminal(*at, "--name", "free") as screen:
        screen.types("3")
        screen.sees("Key (not shown")
        screen.types("sk-or-v1-sandbox-freetier-0123456789")
        screen.sees("on the free tier")
        screen.sees("Ask sandbox/echo:free something now (costs $0")
        screen.types("n")
        assert screen.ends() == 0


def test_a_person_types_the_code(at: tuple[str, ...], store: ConnectionStore) -> None:
    with terminal(*at, "--name", "typed") as screen:
        screen.sees("Which one?")
        screen.types("two")
        screen.sees("'two' is none of 1, 2, 3.")
        screen.types("2")
        code = code_in(decides(screen.address()))
        screen.sees("Code:")
        screen.types(code)
        screen.sees("The key works.")
        screen.sees("something now (")
        screen.types("")
        assert screen.ends() == 0

    assert label_of(store, "typed") == "openrouter-connector"


def test_a_pasted_key_is_never_shown_and_a_bad_one_is_asked_for_again(
    at: tuple[str, ...], store: ConnectionStore
) -> None:
    bad = "sk-or-v1-sandbox-disabled-0123456789abcdef"
    with terminal(*at) as screen:
        screen.sees("Which one? [3]")
        screen.types("")
        screen.sees("Key (not shown")
        screen.types(bad)
        screen.sees("does not know this key")
        screen.sees("Try again? [Y/n]")
        screen.types("")
        screen.sees("Which one?")
        screen.types("3")
        screen.sees("Key (not shown")
        screen.types(KEY)
        screen.sees("The key works.")
        screen.sees("called?")
        screen.types("")
        screen.sees("something now (")
        screen.types("n")
        assert screen.ends() == 0

    assert (bad in screen.shown, KEY in screen.shown) == (False, False)
    assert store.get("127.0.0.1").token == KEY


def test_a_person_who_has_had_enough_ends_with_the_code_for_a_bad_key(
    at: tuple[str, ...], store: ConnectionStore
) -> None:
    with terminal(*at) as screen:
        screen.sees("Which one?")
        screen.types("3")
        screen.sees("Key (not shown")
        screen.types("sk-or-v1-sandbox-blocked-0123456789abcdef")
        screen.sees("Try again?")
        screen.types("n")
        assert screen.ends() == 3

    assert store.list() == []


def test_who_denies_is_told_so_in_both_places(at: tuple[str, ...], store: ConnectionStore) -> None:
    with terminal(*at, "--browser") as screen:
        page = decides(screen.address(), "deny")
        screen.sees("The consent was refused, and no key was made.")
        screen.types("n")
        assert screen.ends() == 3

    assert title_of(page) == "Nothing was connected"
    assert store.list() == []


def test_a_callback_of_another_consent_is_waited_past(
    at: tuple[str, ...], store: ConnectionStore
) -> None:
    with terminal(*at, "--browser", "--name", "patient") as screen:
        url = httpx.URL(screen.address())
        back = url.params["callback_url"]
        assert httpx.get(f"{back}x?code=auth_code_of_another").status_code == 404
        assert title_of(decides(str(url))) == "Connected"
        screen.sees("'patient' is stored")
        screen.types("n")
        assert screen.ends() == 0


def test_two_wizards_at_once_each_get_their_own_key(
    at: tuple[str, ...], store: ConnectionStore
) -> None:
    words = (*at, "--browser", "--name")
    with terminal(*words, "one", "--limit", "1") as one, terminal(*words, "two") as two:
        first, second = one.address(), two.address()
        decides(second)
        decides(first)
        for screen in (one, two):
            screen.sees("is stored")
            screen.types("n")
            assert screen.ends() == 0

    assert store.get("one").token != store.get("two").token


def test_two_wizards_with_one_name_do_not_overwrite_each_other(
    at: tuple[str, ...], store: ConnectionStore
) -> None:
    with terminal(*at, "--browser", "--name", "same") as screen:
        address = screen.address()
        store.save(StoredConnection("same", KEY))
        decides(address)
        screen.sees("There is a connection 'same' already. Replace it? [y/N]")
        screen.types("n")
        screen.sees("choose another name")
        screen.sees("What is it to be called?")
        screen.types("other")
        screen.sees("'other' is stored.")
        screen.types("n")
        assert screen.ends() == 0

    assert store.get("same").token == KEY
    assert label_of(store, "other") == "openrouter-connector"


def test_a_taken_name_is_replaced_if_the_person_says_so(
    at: tuple[str, ...], store: ConnectionStore
) -> None:
    store.save(StoredConnection("work", "sk-or-v1-old-0123456789abcdef"))
    with terminal(*at, "--name", "work") as screen:
        screen.types("3")
        screen.sees("Key (not shown")
        screen.types(KEY)
        screen.sees("Replace it?")
        screen.types("y")
        screen.sees("'work' is stored")
        screen.types("n")
        assert screen.ends() == 0

    assert store.get("work").token == KEY


@pytest.mark.parametrize("way", ["--browser", "--headless", "--token-stdin"])
def test_ctrl_c_leaves_nothing_behind(
    at: tuple[str, ...], way: str, tmp_path: Path, store: ConnectionStore
) -> None:
    waits = {"--browser": "/auth?", "--headless": "Code:", "--token-stdin": "Key (not shown"}
    with terminal(*at, way) as screen:
        screen.sees(waits[way])
        screen.presses(b"\x03")
        assert screen.ends() == 130

    assert "Traceback" not in screen.shown
    assert not [file for file in (tmp_path / "config").rglob("*") if file.is_file()]


def test_the_end_of_the_input_ends_the_wizard(at: tuple[str, ...]) -> None:
    with terminal(*at) as screen:
        screen.sees("Which one?")
        screen.presses(b"\x04")
        screen.sees("the input ended before all was answered; nothing was stored")
        assert screen.ends() == 2


def test_the_way_by_hand_is_told_as_the_definition_has_it() -> None:
    with terminal("connect") as screen:
        steps = screen.sees("Which one? [1]")

    assert "https://openrouter.ai/settings/keys" in steps
    assert "2. Choose Get API Key." in steps
    assert "on another machine" in steps


def test_an_unproven_key_is_stored_if_the_person_says_so(store: ConnectionStore) -> None:
    with (
        scripted(reply({"error": {"message": "Not Found"}}, 404)) as server,
        terminal("connect", "--base-url", server.base_url, "--name", "mine") as screen,
    ):
        screen.types("3")
        screen.sees("Key (not shown")
        screen.types("")
        screen.sees("could not be proven")
        screen.sees("Store it all the same? [y/N]")
        screen.types("y")
        screen.sees("'mine' is stored")
        assert screen.ends() == 0

    assert store.get("mine").token is None


def test_a_rehearsal_says_that_it_is_one_and_stores_nothing(
    browser: None, store: ConnectionStore
) -> None:
    with terminal("connect", "--sandbox") as screen:
        screen.sees("This is a rehearsal in a sandbox that ends with this command")
        screen.sees("Which one? [1]")
        screen.types("")
        screen.sees("The key works.")
        screen.sees("Nothing was stored: the sandbox ends here.")
        assert screen.ends() == 0

    assert store.list() == []


def test_without_a_terminal_the_flags_say_the_way(command: Command, stdin: io.StringIO) -> None:
    ended = command("connect")

    assert ended.code == 2
    assert "there is no terminal; say --browser, --headless or --token-stdin" in ended.err


def test_a_key_on_stdin_is_proven_and_stored(
    command: Command, at: tuple[str, ...], stdin: io.StringIO, store: ConnectionStore
) -> None:
    put(stdin, f"  {KEY}\n")

    app = ("--title", "My App", "--categories", "cli-agent, game")
    ended = command(*at, "--token-stdin", "--name", "work", *app, "--json")

    assert ended.code == 0
    assert ended.json["connection"]["name"] == "work"
    assert ended.json["connection"]["default"] is True
    assert ended.json["key"]["state"] == "ok"
    assert KEY not in ended.out + ended.err
    told = {"baseUrl": at[2], "title": "My App", "categories": ["cli-agent", "game"]}
    assert store.get("work") == StoredConnection("work", KEY, told)


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("sk-or-v1-sandbox-disabled-0123456789", "does not know this key"),
        ("sk-or-v1-sandbox-blocked-0123456789", "refuses this key"),
        ("sk-or-v1-sandbox-expired-0123456789", "expired on 2024-12-31"),
        ("sk-or-v1-sandbox-spent-0123456789", "used up"),
        ("sk-or-v1-sandbox-management-01234", "management key"),
        ("two words of a key", "holds a space"),
        ("x" * 10_001, "too long"),
    ],
)
def test_a_bad_key_on_stdin_is_told_and_not_stored(
    command: Command,
    at: tuple[str, ...],
    stdin: io.StringIO,
    store: ConnectionStore,
    key: str,
    told: str,
) -> None:
    put(stdin, key)

    ended = command(*at, "--token-stdin")

    assert ended.code == (2 if len(key) > 10_000 else 3)
    assert told in ended.err
    assert key not in ended.err
    assert store.list() == []


def test_a_key_that_may_be_good_is_stored_with_yes(
    command: Command, at: tuple[str, ...], stdin: io.StringIO, store: ConnectionStore
) -> None:
    put(stdin, spent := "sk-or-v1-sandbox-spent-0123456789")
    assert "--yes stores it all the same" in command(*at, "--token-stdin").err

    put(stdin, spent)
    assert command(*at, "--token-stdin", "--yes").code == 0
    assert store.get().token == spent


def test_all_that_is_wrong_is_told_before_a_key_is_made(
    command: Command, stdin: io.StringIO, store: ConnectionStore
) -> None:
    ended = command(
        *("connect", "--name", "a/b", "--base-url", "ftp://x", "--title", "ü", "--limit", "0"),
        *("--referer", "nowhere", "--categories", "Game", "--json"),
    )

    assert ended.code == 2
    assert [problem["path"] for problem in ended.json["error"]["problems"]] == [
        *("--base-url", "--categories", "--limit", "--name", "--referer", "--title", "connect"),
    ]


def test_a_name_that_is_taken_is_told_before_a_key_is_made(
    command: Command,
    at: tuple[str, ...],
    stdin: io.StringIO,
    store: ConnectionStore,
    sandbox: Sandbox,
) -> None:
    store.save(StoredConnection("work", KEY))
    before = sandbox.requests

    ended = command(*at, "--token-stdin", "--name", "work")

    assert (ended.code, sandbox.requests) == (2, before)
    assert "choose another name, or --replace" in ended.err
    put(stdin, other := "sk-or-v1-sandbox-other-0123456789")
    assert command(*at, "--token-stdin", "--name", "work", "--replace").code == 0
    assert store.get("work").token == other


def test_a_browser_is_enough_without_a_terminal(
    at: tuple[str, ...], browser: None, store: ConnectionStore
) -> None:
    words = [sys.executable, "-m", "openrouter_connector", *at, "--browser", "--json"]

    ended = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True)

    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout)["key"]["label"] == "openrouter-connector"
    assert store.get().token not in (None, *ended.stdout.split('"'))


def test_a_browser_that_cannot_be_opened_does_not_matter(
    at: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BROWSER", "/nowhere/browser %s")
    with terminal(*at, "--browser", "--name", "by-hand") as screen:
        decides(screen.address())
        screen.sees("'by-hand' is stored")
        screen.types("n")
        assert screen.ends() == 0


def test_a_refused_code_ends_with_the_code_for_a_bad_key(
    command: Command, at: tuple[str, ...], stdin: io.StringIO, store: ConnectionStore
) -> None:
    put(stdin, "auth_code_wrong\n")

    ended = command(*at, "--headless")

    assert ended.code == 3
    assert "refuses the code" in ended.err
    assert store.list() == []


def test_the_environment_s_key_is_said_to_go_first(
    connected: Command, at: tuple[str, ...], stdin: io.StringIO
) -> None:
    put(stdin, KEY)

    ended = connected(*at, "--token-stdin", "--name", "work")

    assert "OPENROUTER_API_KEY is set and goes first; --connection work chooses this." in ended.err
    assert os.environ["OPENROUTER_API_KEY"] not in ended.err
