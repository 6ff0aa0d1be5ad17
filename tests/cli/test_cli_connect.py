"""The wizard with a person at a terminal."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from openrouter_connector.connections.store import ConnectionStore, StoredConnection
from openrouter_connector.sandbox import Sandbox
from support.browser import code_in, decides, title_of
from support.scripted_server import response, scripted
from support.terminal import terminal

KEY = "sk-or-v1-sandbox-good-0123456789abcdef"


def label_of(connections: ConnectionStore, name: str) -> str:
    """Ask the server of a connection what it calls the key of it."""
    stored = connections.get(name)
    told = httpx.get(f"{stored.base_url}/key", headers={"Authorization": f"Bearer {stored.token}"})
    return str(told.json()["data"]["label"])


def test_a_person_connects_in_the_browser_and_asks_a_first_question(
    at: tuple[str, ...], browser: None, connections: ConnectionStore, own_sandbox: Sandbox
) -> None:
    with terminal(*at, "--limit", "2.5") as screen:
        screen.sees("Your choice: [3]")
        screen.types("1")
        screen.sees("left       $2.50 of $2.50")
        screen.sees("Name for this connection: [127.0.0.1]")
        screen.types("laptop")
        screen.sees("Saved 'laptop' as the default connection.")
        screen.sees("Send a test question to sandbox/echo now (costs $")
        screen.types("y")
        screen.sees("You said: What can this connector do for me?")
        assert screen.ends() == 0

    assert label_of(connections, "laptop") == "openrouter-connector"
    assert str(connections.get("laptop").token) not in screen.shown


def test_a_key_of_the_free_tier_is_offered_a_free_model(at: tuple[str, ...]) -> None:
    with terminal(*at, "--name", "free") as screen:
        screen.types("3")
        screen.sees("API key (input is hidden):")
        screen.types("sk-or-v1-sandbox-freetier-0123456789")
        screen.sees("on the free tier")
        screen.sees("Send a test question to sandbox/echo:free now (costs $0")
        screen.types("n")
        assert screen.ends() == 0


def test_a_person_types_the_code(at: tuple[str, ...], connections: ConnectionStore) -> None:
    with terminal(*at, "--name", "typed") as screen:
        screen.sees("Your choice:")
        screen.types("two")
        screen.sees("'two' is not one of 1, 2, 3.")
        screen.types("2")
        code = code_in(decides(screen.address()))
        screen.sees("Code:")
        screen.types(code)
        screen.sees("The key works.")
        screen.sees("Send a test question to sandbox/echo now (")
        screen.types("")
        assert screen.ends() == 0

    assert label_of(connections, "typed") == "openrouter-connector"


def test_a_pasted_key_is_never_shown_and_a_bad_one_is_asked_for_again(
    at: tuple[str, ...], connections: ConnectionStore
) -> None:
    bad = "sk-or-v1-sandbox-disabled-0123456789abcdef"
    with terminal(*at) as screen:
        screen.sees("Your choice: [3]")
        screen.types("")
        screen.sees("API key (input is hidden):")
        screen.types(bad)
        screen.sees("does not know this key")
        screen.sees("Try again? [Y/n]")
        screen.types("")
        screen.sees("Your choice:")
        screen.types("3")
        screen.sees("API key (input is hidden):")
        screen.types(KEY)
        screen.sees("The key works.")
        screen.sees("Name for this connection:")
        screen.types("")
        screen.sees("Send a test question to sandbox/echo now (")
        screen.types("n")
        assert screen.ends() == 0

    assert (bad in screen.shown, KEY in screen.shown) == (False, False)
    assert connections.get("127.0.0.1").token == KEY


@pytest.mark.parametrize("early", [True, False], ids=["at once", "when asked"])
def test_a_good_key_pasted_after_a_bad_one_is_taken_and_never_shown(
    at: tuple[str, ...], connections: ConnectionStore, early: bool
) -> None:
    bad = "sk-or-v1-sandbox-disabled-0123456789abcdef"
    with terminal(*at, "--name", "second") as screen:
        screen.sees("Your choice: [3]")
        screen.types("3")
        screen.sees("API key (input is hidden):")
        screen.types(bad)
        if not early:
            screen.sees("You can paste another API key here (input is hidden).")
            screen.sees("Try again? [Y/n]")
        screen.types(KEY)
        screen.sees("The key works.")
        screen.sees("Saved 'second'")
        screen.types("n")
        assert screen.ends() == 0

    assert (bad in screen.shown, KEY in screen.shown) == (False, False)
    assert connections.get("second").token == KEY


def test_a_key_pasted_at_another_question_is_no_answer_and_not_shown(
    at: tuple[str, ...], connections: ConnectionStore
) -> None:
    connections.save(StoredConnection("taken", "sk-or-v1-old-0123456789abcdef"))
    with terminal(*at, "--name", "taken") as screen:
        screen.sees("Your choice: [3]")
        screen.types(KEY)
        screen.sees("That is not one of 1, 2, 3.")
        screen.types("3")
        screen.sees("API key (input is hidden):")
        screen.types(KEY)
        screen.sees("Replace it? [y/N]")
        screen.types(KEY)
        screen.sees("Please answer y or n.")
        screen.sees("Replace it? [y/N]")
        screen.types("y")
        screen.sees("yes")
        screen.sees("Saved 'taken'")
        screen.types(KEY)
        screen.sees("Please answer y or n.")
        screen.types("n")
        assert screen.ends() == 0

    assert KEY not in screen.shown
    assert connections.get("taken").token == KEY


def test_what_is_typed_is_shown_again_after_the_wizard(at: tuple[str, ...]) -> None:
    with terminal(*at, "--name", "shown") as screen:
        screen.sees("Your choice:")
        assert not screen.echoes()
        screen.presses(b"\x03")
        screen.sees("interrupted")
        assert screen.ends() == 130
        assert screen.echoes()


def test_a_person_who_has_had_enough_ends_with_the_code_for_a_bad_key(
    at: tuple[str, ...], connections: ConnectionStore
) -> None:
    with terminal(*at) as screen:
        screen.sees("Your choice:")
        screen.types("3")
        screen.sees("API key (input is hidden):")
        screen.types("sk-or-v1-sandbox-blocked-0123456789abcdef")
        screen.sees("Try again?")
        screen.types("n")
        assert screen.ends() == 3

    assert connections.list() == []


def test_who_denies_is_told_so_in_both_places(
    at: tuple[str, ...], connections: ConnectionStore
) -> None:
    with terminal(*at, "--browser") as screen:
        page = decides(screen.address(), "deny")
        screen.sees("The consent was refused, and no key was made.")
        screen.types("n")
        assert screen.ends() == 3

    assert title_of(page) == "Nothing was connected"
    assert connections.list() == []


def test_a_callback_of_another_consent_is_waited_past(
    at: tuple[str, ...], connections: ConnectionStore
) -> None:
    with terminal(*at, "--browser", "--name", "patient") as screen:
        url = httpx.URL(screen.address())
        back = url.params["callback_url"]
        assert httpx.get(f"{back}x?code=auth_code_of_another").status_code == 404
        assert title_of(decides(str(url))) == "Connected"
        screen.sees("Saved 'patient'")
        screen.types("n")
        assert screen.ends() == 0


def test_two_wizards_at_once_each_get_their_own_key(
    at: tuple[str, ...], connections: ConnectionStore
) -> None:
    words = (*at, "--browser", "--name")
    with terminal(*words, "one", "--limit", "1") as one, terminal(*words, "two") as two:
        first, second = one.address(), two.address()
        decides(second)
        decides(first)
        for screen in (one, two):
            screen.sees("Saved")
            screen.types("n")
            assert screen.ends() == 0

    assert connections.get("one").token != connections.get("two").token


def test_two_wizards_with_one_name_do_not_overwrite_each_other(
    at: tuple[str, ...], connections: ConnectionStore
) -> None:
    with terminal(*at, "--browser", "--name", "same") as screen:
        address = screen.address()
        connections.save(StoredConnection("same", KEY))
        decides(address)
        screen.sees("The connection 'same' already exists. Replace it? [y/N]")
        screen.types("n")
        screen.sees("choose another name")
        screen.sees("Name for this connection:")
        screen.types("other")
        screen.sees("Saved 'other'")
        screen.types("n")
        assert screen.ends() == 0

    assert connections.get("same").token == KEY
    assert label_of(connections, "other") == "openrouter-connector"


def test_a_taken_name_is_replaced_if_the_person_says_so(
    at: tuple[str, ...], connections: ConnectionStore
) -> None:
    connections.save(StoredConnection("work", "sk-or-v1-old-0123456789abcdef"))
    with terminal(*at, "--name", "work") as screen:
        screen.types("3")
        screen.sees("API key (input is hidden):")
        screen.types(KEY)
        screen.sees("Replace it?")
        screen.types("y")
        screen.sees("Saved 'work'")
        screen.types("n")
        assert screen.ends() == 0

    assert connections.get("work").token == KEY


@pytest.mark.parametrize("way", ["--browser", "--headless", "--token-stdin"])
def test_ctrl_c_leaves_nothing_behind(
    at: tuple[str, ...], way: str, tmp_path: Path, connections: ConnectionStore
) -> None:
    waits = {
        "--browser": "/auth?",
        "--headless": "Code:",
        "--token-stdin": "API key (input is hidden):",
    }
    with terminal(*at, way) as screen:
        screen.sees(waits[way])
        screen.presses(b"\x03")
        assert screen.ends() == 130

    assert "Traceback" not in screen.shown
    assert not [file for file in (tmp_path / "config").rglob("*") if file.is_file()]


def test_the_end_of_the_input_ends_the_wizard(at: tuple[str, ...]) -> None:
    with terminal(*at) as screen:
        screen.sees("Your choice:")
        screen.presses(b"\x04")
        screen.sees("the input ended before all questions were answered; nothing was saved")
        assert screen.ends() == 2


def test_the_way_by_hand_is_told_as_the_definition_has_it() -> None:
    with terminal("connect") as screen:
        steps = screen.sees("Your choice: [1]")

    assert "https://openrouter.ai/settings/keys" in steps
    assert "2. Choose Get API Key." in steps
    assert "a browser on another machine" in steps


def test_an_unproven_key_is_stored_if_the_person_says_so(connections: ConnectionStore) -> None:
    with (
        scripted(response({"error": {"message": "Not Found"}}, 404)) as server,
        terminal("connect", "--base-url", server.base_url, "--name", "mine") as screen,
    ):
        screen.types("3")
        screen.sees("API key (input is hidden):")
        screen.types("")
        screen.sees("could not be proven")
        screen.sees("Save this key anyway? [y/N]")
        screen.types("y")
        screen.sees("Saved 'mine'")
        assert screen.ends() == 0

    assert connections.get("mine").token is None


def test_a_rehearsal_says_that_it_is_one_and_stores_nothing(
    browser: None, connections: ConnectionStore
) -> None:
    with terminal("connect", "--sandbox") as screen:
        screen.sees("This is a trial run in a sandbox: nothing is saved")
        screen.sees("Your choice: [1]")
        screen.types("")
        screen.sees("The key works.")
        screen.sees("Nothing was saved, because this sandbox stops now.")
        assert screen.ends() == 0

    assert connections.list() == []


def test_a_browser_that_cannot_be_opened_does_not_matter(
    at: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BROWSER", "/nowhere/browser %s")
    with terminal(*at, "--browser", "--name", "by-hand") as screen:
        decides(screen.address())
        screen.sees("Saved 'by-hand'")
        screen.types("n")
        assert screen.ends() == 0
