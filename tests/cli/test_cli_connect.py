"""The wizard of `connect`, with a person at a terminal."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from openrouter_connector.connections.store import ConnectionStore, StoredConnection
from openrouter_connector.sandbox import Sandbox
from support.browser import code_in, decide, title_of
from support.scripted_server import response, scripted
from support.terminal import terminal

KEY = "sk-or-v1-sandbox-good-0123456789abcdef"


def label_of(connections: ConnectionStore, name: str) -> str:
    """Return the label of a connection's key, as its server reports it."""
    stored = connections.get(name)
    report = httpx.get(
        f"{stored.base_url}/key", headers={"Authorization": f"Bearer {stored.token}"}
    )
    return str(report.json()["data"]["label"])


def test_a_person_connects_with_the_browser_and_sends_a_test_question(
    connect_args: tuple[str, ...], browser: None, connections: ConnectionStore, own_sandbox: Sandbox
) -> None:
    with terminal(*connect_args, "--limit", "2.5") as screen:
        screen.wait_for("Your choice: [3]")
        screen.type_line("1")
        screen.wait_for("left       $2.50 of $2.50")
        screen.wait_for("Name for this connection: [127.0.0.1]")
        screen.type_line("laptop")
        screen.wait_for("Saved 'laptop' as the default connection.")
        screen.wait_for("Send a test question to sandbox/echo now (costs $")
        screen.type_line("y")
        screen.wait_for("You said: What can this connector do for me?")
        assert screen.exit_code() == 0

    assert label_of(connections, "laptop") == "openrouter-connector"
    assert str(connections.get("laptop").token) not in screen.shown


def test_a_key_of_the_free_tier_is_offered_a_free_model(connect_args: tuple[str, ...]) -> None:
    with terminal(*connect_args, "--name", "free") as screen:
        screen.type_line("3")
        screen.wait_for("API key (input is hidden):")
        screen.type_line("sk-or-v1-sandbox-freetier-0123456789")
        screen.wait_for("on the free tier")
        screen.wait_for("Send a test question to sandbox/echo:free now (costs $0")
        screen.type_line("n")
        assert screen.exit_code() == 0


def test_a_person_enters_the_code(
    connect_args: tuple[str, ...], connections: ConnectionStore
) -> None:
    with terminal(*connect_args, "--name", "typed") as screen:
        screen.wait_for("Your choice:")
        screen.type_line("two")
        screen.wait_for("'two' is not one of 1, 2, 3.")
        screen.type_line("2")
        code = code_in(decide(screen.address()))
        screen.wait_for("Code:")
        screen.type_line(code)
        screen.wait_for("The key works.")
        screen.wait_for("Send a test question to sandbox/echo now (")
        screen.type_line("")
        assert screen.exit_code() == 0

    assert label_of(connections, "typed") == "openrouter-connector"


def test_a_pasted_key_is_hidden_and_a_bad_key_is_asked_for_again(
    connect_args: tuple[str, ...], connections: ConnectionStore
) -> None:
    bad = "sk-or-v1-sandbox-disabled-0123456789abcdef"
    with terminal(*connect_args) as screen:
        screen.wait_for("Your choice: [3]")
        screen.type_line("")
        screen.wait_for("API key (input is hidden):")
        screen.type_line(bad)
        screen.wait_for("does not know this key")
        screen.wait_for("Try again? [Y/n]")
        screen.type_line("")
        screen.wait_for("Your choice:")
        screen.type_line("3")
        screen.wait_for("API key (input is hidden):")
        screen.type_line(KEY)
        screen.wait_for("The key works.")
        screen.wait_for("Name for this connection:")
        screen.type_line("")
        screen.wait_for("Send a test question to sandbox/echo now (")
        screen.type_line("n")
        assert screen.exit_code() == 0

    assert (bad in screen.shown, KEY in screen.shown) == (False, False)
    assert connections.get("127.0.0.1").token == KEY


@pytest.mark.parametrize("early", [True, False], ids=["at once", "when asked"])
def test_a_good_key_pasted_after_a_bad_one_is_accepted_and_hidden(
    connect_args: tuple[str, ...], connections: ConnectionStore, early: bool
) -> None:
    bad = "sk-or-v1-sandbox-disabled-0123456789abcdef"
    with terminal(*connect_args, "--name", "second") as screen:
        screen.wait_for("Your choice: [3]")
        screen.type_line("3")
        screen.wait_for("API key (input is hidden):")
        screen.type_line(bad)
        if not early:
            screen.wait_for("You can paste another API key here (input is hidden).")
            screen.wait_for("Try again? [Y/n]")
        screen.type_line(KEY)
        screen.wait_for("The key works.")
        screen.wait_for("Saved 'second'")
        screen.type_line("n")
        assert screen.exit_code() == 0

    assert (bad in screen.shown, KEY in screen.shown) == (False, False)
    assert connections.get("second").token == KEY


def test_a_key_pasted_at_another_question_is_rejected_and_hidden(
    connect_args: tuple[str, ...], connections: ConnectionStore
) -> None:
    connections.save(StoredConnection("taken", "sk-or-v1-old-0123456789abcdef"))
    with terminal(*connect_args, "--name", "taken") as screen:
        screen.wait_for("Your choice: [3]")
        screen.type_line(KEY)
        screen.wait_for("That is not one of 1, 2, 3.")
        screen.type_line("3")
        screen.wait_for("API key (input is hidden):")
        screen.type_line(KEY)
        screen.wait_for("Replace it? [y/N]")
        screen.type_line(KEY)
        screen.wait_for("Please answer y or n.")
        screen.wait_for("Replace it? [y/N]")
        screen.type_line("y")
        screen.wait_for("yes")
        screen.wait_for("Saved 'taken'")
        screen.type_line(KEY)
        screen.wait_for("Please answer y or n.")
        screen.type_line("n")
        assert screen.exit_code() == 0

    assert KEY not in screen.shown
    assert connections.get("taken").token == KEY


def test_the_terminal_echoes_again_after_the_wizard(connect_args: tuple[str, ...]) -> None:
    with terminal(*connect_args, "--name", "shown") as screen:
        screen.wait_for("Your choice:")
        assert not screen.echoes()
        screen.interrupt()
        screen.wait_for("interrupted")
        assert screen.exit_code() == 130
        assert screen.echoes()


def test_giving_up_after_a_bad_key_exits_with_3(
    connect_args: tuple[str, ...], connections: ConnectionStore
) -> None:
    with terminal(*connect_args) as screen:
        screen.wait_for("Your choice:")
        screen.type_line("3")
        screen.wait_for("API key (input is hidden):")
        screen.type_line("sk-or-v1-sandbox-blocked-0123456789abcdef")
        screen.wait_for("Try again?")
        screen.type_line("n")
        assert screen.exit_code() == 3

    assert connections.list() == []


def test_a_denied_login_is_reported_in_the_browser_and_the_terminal(
    connect_args: tuple[str, ...], connections: ConnectionStore
) -> None:
    with terminal(*connect_args, "--browser") as screen:
        page = decide(screen.address(), "deny")
        screen.wait_for("Access was denied, and no key was created")
        screen.type_line("n")
        assert screen.exit_code() == 3

    assert title_of(page) == "Not connected"
    assert connections.list() == []


def test_the_callback_of_another_login_is_ignored(
    connect_args: tuple[str, ...], connections: ConnectionStore
) -> None:
    with terminal(*connect_args, "--browser", "--name", "patient") as screen:
        url = httpx.URL(screen.address())
        back = url.params["callback_url"]
        assert httpx.get(f"{back}x?code=auth_code_of_another").status_code == 404
        assert title_of(decide(str(url))) == "Connected"
        screen.wait_for("Saved 'patient'")
        screen.type_line("n")
        assert screen.exit_code() == 0


def test_two_concurrent_wizards_get_different_keys(
    connect_args: tuple[str, ...], connections: ConnectionStore
) -> None:
    words = (*connect_args, "--browser", "--name")
    with terminal(*words, "one", "--limit", "1") as one, terminal(*words, "two") as two:
        first, second = one.address(), two.address()
        decide(second)
        decide(first)
        for screen in (one, two):
            screen.wait_for("Saved")
            screen.type_line("n")
            assert screen.exit_code() == 0

    assert connections.get("one").token != connections.get("two").token


def test_two_wizards_with_one_name_do_not_overwrite_each_other(
    connect_args: tuple[str, ...], connections: ConnectionStore
) -> None:
    with terminal(*connect_args, "--browser", "--name", "same") as screen:
        address = screen.address()
        connections.save(StoredConnection("same", KEY))
        decide(address)
        screen.wait_for("The connection 'same' already exists. Replace it? [y/N]")
        screen.type_line("n")
        screen.wait_for("choose another name")
        screen.wait_for("Name for this connection:")
        screen.type_line("other")
        screen.wait_for("Saved 'other'")
        screen.type_line("n")
        assert screen.exit_code() == 0

    assert connections.get("same").token == KEY
    assert label_of(connections, "other") == "openrouter-connector"


def test_an_existing_connection_is_replaced_after_confirmation(
    connect_args: tuple[str, ...], connections: ConnectionStore
) -> None:
    connections.save(StoredConnection("work", "sk-or-v1-old-0123456789abcdef"))
    with terminal(*connect_args, "--name", "work") as screen:
        screen.type_line("3")
        screen.wait_for("API key (input is hidden):")
        screen.type_line(KEY)
        screen.wait_for("Replace it?")
        screen.type_line("y")
        screen.wait_for("Saved 'work'")
        screen.type_line("n")
        assert screen.exit_code() == 0

    assert connections.get("work").token == KEY


@pytest.mark.parametrize("way", ["--browser", "--headless", "--token-stdin"])
def test_ctrl_c_saves_nothing(
    connect_args: tuple[str, ...], way: str, tmp_path: Path, connections: ConnectionStore
) -> None:
    waits = {
        "--browser": "/auth?",
        "--headless": "Code:",
        "--token-stdin": "API key (input is hidden):",
    }
    with terminal(*connect_args, way) as screen:
        screen.wait_for(waits[way])
        screen.interrupt()
        assert screen.exit_code() == 130

    assert "Traceback" not in screen.shown
    assert not [file for file in (tmp_path / "config").rglob("*") if file.is_file()]


def test_the_end_of_the_input_cancels_the_wizard(connect_args: tuple[str, ...]) -> None:
    with terminal(*connect_args) as screen:
        screen.wait_for("Your choice:")
        screen.press(b"\x04")
        screen.wait_for("the input ended before all questions were answered; nothing was saved")
        assert screen.exit_code() == 2


def test_the_steps_to_create_a_key_come_from_the_definition() -> None:
    with terminal("connect") as screen:
        steps = screen.wait_for("Your choice: [1]")

    assert "https://openrouter.ai/settings/keys" in steps
    assert "2. Choose Get API Key." in steps
    assert "a browser on another machine" in steps


def test_an_unverified_key_is_saved_after_confirmation(connections: ConnectionStore) -> None:
    with (
        scripted(response({"error": {"message": "Not Found"}}, 404)) as server,
        terminal("connect", "--base-url", server.base_url, "--name", "mine") as screen,
    ):
        screen.type_line("3")
        screen.wait_for("API key (input is hidden):")
        screen.type_line("")
        screen.wait_for("could not be verified")
        screen.wait_for("Save this key anyway? [y/N]")
        screen.type_line("y")
        screen.wait_for("Saved 'mine'")
        assert screen.exit_code() == 0

    assert connections.get("mine").token is None


def test_a_trial_run_in_the_sandbox_saves_nothing(
    browser: None, connections: ConnectionStore
) -> None:
    with terminal("connect", "--sandbox") as screen:
        screen.wait_for("This is a trial run in a sandbox: nothing is saved")
        screen.wait_for("Your choice: [1]")
        screen.type_line("")
        screen.wait_for("The key works.")
        screen.wait_for("Nothing was saved, because this sandbox stops now.")
        assert screen.exit_code() == 0

    assert connections.list() == []


def test_a_browser_that_does_not_open_is_no_error(
    connect_args: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BROWSER", "/nowhere/browser %s")
    with terminal(*connect_args, "--browser", "--name", "by-hand") as screen:
        decide(screen.address())
        screen.wait_for("Saved 'by-hand'")
        screen.type_line("n")
        assert screen.exit_code() == 0


def test_a_management_key_is_saved_if_the_person_says_so_twice(
    connect_args: tuple[str, ...], connections: ConnectionStore
) -> None:
    manager = "sk-or-v1-sandbox-management-0123456789"
    with terminal(*connect_args, "--name", "admin") as screen:
        screen.type_line("3")
        screen.wait_for("API key (input is hidden):")
        screen.type_line(manager)
        screen.wait_for("Create a key for this connector with it?")
        screen.type_line("n")
        screen.wait_for("Save the management key itself?")
        screen.wait_for("calls no model")
        screen.type_line("y")
        screen.wait_for("Saved 'admin'")
        assert screen.exit_code() == 0
    assert connections.get("admin").token == manager


def test_a_management_key_creates_a_key_with_a_limit_and_is_not_saved(
    connect_args: tuple[str, ...], connections: ConnectionStore
) -> None:
    with terminal(*connect_args, "--name", "limited") as screen:
        screen.type_line("3")
        screen.wait_for("API key (input is hidden):")
        screen.type_line("sk-or-v1-sandbox-management-0123456789")
        screen.wait_for("Create a key for this connector with it?")
        screen.type_line("y")
        screen.wait_for("Spending limit in USD (Enter for none):")
        screen.type_line("free")
        screen.wait_for("Enter an amount above 0")
        screen.type_line("3.5")
        screen.wait_for("left       $3.50 of $3.50")
        screen.wait_for("Saved 'limited'")
        screen.wait_for("Send a test question")
        screen.type_line("n")
        assert screen.exit_code() == 0

    token = str(connections.get("limited").token)
    assert token.startswith("sk-or-v1-") and "management" not in token
    assert token not in screen.shown
