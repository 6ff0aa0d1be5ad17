"""Connections are stored and found again by name; what is wrong with one is refused at once."""

from __future__ import annotations

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from openrouter_connector import Connector, CredentialError, FileError, InputError
from openrouter_connector.connections.store import ConnectionStore, StoredConnection
from openrouter_connector.sandbox import Sandbox
from support.stored_connections import OTHER, TOKEN, file_contents, key_files, work


def refused(connections: ConnectionStore, connection: StoredConnection) -> dict[str, str]:
    with pytest.raises(InputError) as caught:
        connections.save(connection)
    assert TOKEN not in str(caught.value)
    return {one.path: one.message for one in caught.value.problems}


# What is stored comes back.


def test_a_connection_comes_back_as_it_was_stored(connections: ConnectionStore) -> None:
    stored = work(baseUrl="https://eu.openrouter.ai/api/v1", title="An App", categories=["game"])
    connections.save(stored)
    assert connections.get("work") == stored
    assert ConnectionStore().get("work") == stored, "the environment names the same folder"


def test_a_server_may_want_no_token(connections: ConnectionStore) -> None:
    connections.save(work(None, baseUrl="http://192.168.0.7:4000/v1"))
    assert connections.get().token is None


def test_spaces_around_what_was_pasted_are_taken_away(connections: ConnectionStore) -> None:
    connections.save(work(f"  {TOKEN}\n", title="  ", referer=" https://x.example "))
    assert connections.get() == work(referer="https://x.example")


def test_names_are_the_same_in_any_case(connections: ConnectionStore) -> None:
    connections.save(work(name="My Work"))
    assert connections.get("my work").name == "My Work"
    with pytest.raises(InputError, match="there is a connection 'My Work' already"):
        connections.save(work(name="MY WORK"))


@pytest.mark.parametrize("name", ["con", "..a", ".", "-", "Büro", "x" * 64, "a.json", "ß"])
def test_any_allowed_name_makes_a_harmless_file(
    connections: ConnectionStore, folder: Path, name: str
) -> None:
    if not any(letter.isalnum() for letter in name):
        assert "name" in refused(connections, work(name=name))
        return
    connections.save(work(name=name))
    (file,) = (folder / "connections").iterdir()
    assert file.suffix == ".json" and file.name.isascii() and len(file.name) < 100
    assert file.name[0].isalnum() and file.stem != name
    assert connections.get(name).token == TOKEN


def test_the_first_is_the_default_until_another_is_chosen(connections: ConnectionStore) -> None:
    with pytest.raises(CredentialError, match="openrouter-connector connect"):
        connections.get()
    connections.save(work())
    connections.save(work(OTHER, "home"))
    assert (connections.default, connections.get().name) == ("work", "work")
    connections.set_default("Home")
    assert connections.get().token == OTHER
    connections.save(work(name="third"), default=True)
    assert [one.default for one in connections.list()] == [False, True, False]


def test_a_default_that_is_gone_leaves_the_only_other(connections: ConnectionStore) -> None:
    connections.save(work())
    connections.save(work(OTHER, "home"))
    connections.remove("work")
    assert connections.default == "home"


def test_a_default_that_is_gone_leaves_none_of_several(connections: ConnectionStore) -> None:
    for name in ("work", "home", "third"):
        connections.save(work(name=name))
    connections.remove("work")
    assert connections.default is None
    with pytest.raises(CredentialError, match="connections default home"):
        connections.get()


def test_an_unknown_name_is_told_with_the_closest(connections: ConnectionStore) -> None:
    connections.save(work())
    with pytest.raises(CredentialError, match="no connection 'wrok'; did you mean 'work'"):
        connections.get("wrok")
    for change in (connections.remove, connections.set_default):
        with pytest.raises(InputError, match="did you mean"):
            change("wrok")


@pytest.mark.parametrize("name", ["", "../work", "/etc/passwd", "\udcff", "a/b", "\x00"])
def test_a_name_that_cannot_be_is_unknown(connections: ConnectionStore, name: str) -> None:
    with pytest.raises(CredentialError, match="no connection"):
        connections.get(name)


def test_a_connection_can_be_replaced(connections: ConnectionStore, folder: Path) -> None:
    connections.save(work())
    before = connections.list()[0].created
    with pytest.raises(InputError, match="already"):
        connections.save(work(OTHER))
    assert connections.get().token == TOKEN
    connections.save(work(OTHER, title="New"), replace=True)
    assert connections.get() == work(OTHER, title="New")
    assert connections.list()[0].created == before
    assert len(key_files(folder)) == 1, "the key to what was replaced is gone"


def test_a_connection_can_be_renamed(connections: ConnectionStore, folder: Path) -> None:
    connections.save(work())
    connections.save(work(OTHER, "home"))
    connections.rename("work", "Office")
    assert (connections.default, connections.get("office").token) == ("Office", TOKEN)
    connections.rename("office", "OFFICE")
    assert [one.name for one in connections.list()] == ["home", "OFFICE"]
    for name, told in [("home", "already"), ("a/b", "letters, digits")]:
        with pytest.raises(InputError, match=told):
            connections.rename("OFFICE", name)
    assert connections.get("OFFICE").token == TOKEN


def test_what_is_removed_leaves_nothing_behind(connections: ConnectionStore, folder: Path) -> None:
    connections.save(work())
    connections.remove("work")
    assert set(file_contents(folder)) == {folder / ".lock"}


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(FileError, match="cannot be written"):
        ConnectionStore(tmp_path / "file").save(work())


def test_a_session_has_the_token_and_headers_of_a_connection(
    connector: Connector, connections: ConnectionStore, sandbox: Sandbox
) -> None:
    connections.save(work(sandbox.token, baseUrl=sandbox.base_url, title="An App"))
    parameters = {"model": "sandbox/echo", "userPrompt": "Hello"}
    result = connector.run("ask", parameters, connection="work", connections=connections)
    assert "Hello" in result.output
    assert sandbox.requests[-1].headers["x-openrouter-title"] == "An App"


# What is wrong is refused, all of it at once.


def test_all_problems_are_told_at_once(connections: ConnectionStore, folder: Path) -> None:
    wrong = work(
        f"{TOKEN} x", "../work", baseUrl="ftp://x", title="a\nb", referer="home",
        categories=["Not This"], colour="red",
    )  # fmt: skip
    told = refused(connections, wrong)
    assert set(told) == {
        "name", "token", "baseUrl", "title", "referer", "categories", "colour"
    }  # fmt: skip
    assert not folder.exists()


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("title", 5, "must be text"),
        ("title", "x" * 201, "the maximum is 200"),
        ("title", "ü", "goes into a header"),
        ("title", "a\nb", "goes into a header"),
        ("referer", "home", "does not match the pattern"),
        ("referer", f"https://example.com/{TOKEN}", "holds an API key"),
        ("categories", "game", "must be a list"),
        ("categories", ["game"] * 11, "the maximum is 10"),
        ("categories", ["Not This"], "does not match the pattern"),
        ("categories", ["x" * 31], "the maximum is 30"),
        ("categories", [5], "must be text"),
    ],
)
def test_a_property_is_as_the_definition_says(
    connections: ConnectionStore, name: str, value: Any, told: str
) -> None:
    assert told in refused(connections, work(**{name: value}))[name]


@pytest.mark.parametrize(
    ("token", "base_url", "told"),
    [
        (None, None, "is missing"),
        ("sk-abc", None, "is not a whole key of OpenRouter"),
        ("sk-abc", "https://eu.openrouter.ai/api/v1", "is not a whole key of OpenRouter"),
        ("sk-abc", "https://OpenRouter.ai./api/v1", "is not a whole key of OpenRouter"),
        ("sk-or-v1-au7...890", None, "is not a whole key of OpenRouter"),
        ("sk-or-v1-ab\ncd", None, "line break"),
        ("sk-or-v1-abcd\u200b", None, "character that no key has"),
        ("Bearer sk-or-v1-abcd", None, "space"),
        ("two words", "https://llm.example/v1", "space"),
    ],
)
def test_a_token_that_cannot_be_one_is_refused(
    connections: ConnectionStore, token: str | None, base_url: str | None, told: str
) -> None:
    problems = refused(connections, work(token, baseUrl=base_url))
    assert list(problems) == ["token"] and told in problems["token"]
    assert token is None or token not in problems["token"]


@pytest.mark.parametrize(
    "base_url", ["https://openrouter.ai.evil.com/v1", "https://myopenrouter.ai", "https://x.y/v1"]
)
def test_other_servers_have_tokens_of_their_own(
    connections: ConnectionStore, base_url: str
) -> None:
    connections.save(work("abc", baseUrl=base_url))
    assert connections.get().token == "abc"


@pytest.mark.parametrize(
    ("base_url", "told"),
    [
        ("openrouter.ai", "is not a URL"),
        ("https://", "is not a URL"),
        ("https://x y/v1", "is not a URL"),
        ("https://x:port/v1", "is not a URL"),
        ("https://x:99999/v1", "is not a URL"),
        ("https://x/v1/chat/completions", "remove /chat/completions and what follows"),
        ("https://me:secret@x.example/v1", "holds a user or a password"),
        ("https://x.example/v1?key=1", "without ? and #"),
        (f"https://x.example/{TOKEN}", "holds an API key"),
        ("http://x.example/v1", "unencrypted"),
        ("http://openrouter.ai/api/v1", "unencrypted"),
        ("http://127.0.0.1.evil.com/v1", "unencrypted"),
    ],
)
def test_a_base_url_that_a_token_must_not_go_to_is_refused(
    connections: ConnectionStore, base_url: str, told: str
) -> None:
    problems = refused(connections, work(baseUrl=base_url))
    assert told in problems["baseUrl"] and "secret" not in problems["baseUrl"]


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.8.8", "[::1]"])
def test_a_token_may_go_unencrypted_to_this_machine(
    connections: ConnectionStore, host: str
) -> None:
    connections.save(work(baseUrl=f"http://{host}:8788/api/v1"))
    assert connections.get().token == TOKEN


@pytest.mark.parametrize("field", ["title", "referer", "name"])
def test_a_key_in_the_wrong_field_is_not_stored(
    connections: ConnectionStore, folder: Path, field: str
) -> None:
    given = {"title": f"App {TOKEN}", "referer": f"https://x/{TOKEN}", "name": TOKEN}
    more = {field: given[field]}
    told = refused(connections, work(**({"name": "work"} | more)))
    assert "holds an API key" in told[field]
    assert not folder.exists()


# Two at once.

SAVE = """
import sys, time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from openrouter_connector import InputError
from openrouter_connector.connections.store import ConnectionStore, StoredConnection
import cryptography.fernet
folder, token = sys.argv[1:]
Path(folder, token).touch()
while not Path(folder, "go").exists():
    time.sleep(0.001)
try:
    ConnectionStore(Path(folder, "config")).save(StoredConnection("work", token))
    print("won")
except InputError as error:
    print(error)
"""


@pytest.mark.parametrize("lost", [False, True])
def test_of_two_wizards_with_one_name_exactly_one_wins(
    connections: ConnectionStore, folder: Path, tmp_path: Path, lost: bool
) -> None:
    if lost:
        connections.save(work())
        key_files(folder)[0].unlink()
    tokens = [f"{OTHER}{number}" for number in range(3)]
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", SAVE, str(tmp_path), token], stdout=subprocess.PIPE, text=True
        )
        for token in tokens
    ]
    while not all((tmp_path / token).exists() for token in tokens):
        time.sleep(0.005)
    (tmp_path / "go").touch()
    told = [process.communicate(timeout=40)[0].strip() for process in processes]

    (winner,) = [token for token, one in zip(tokens, told, strict=True) if one == "won"]
    assert sum("there is a connection 'work' already" in one for one in told) == 2
    assert connections.get("work").token == winner
    assert len(list((folder / "connections").glob("*.kept-*"))) == lost


def test_whoever_reads_while_a_connection_is_replaced_gets_one_of_the_two(
    connections: ConnectionStore,
) -> None:
    def write() -> None:
        for token in (TOKEN, OTHER) * 20:
            connections.save(work(token), replace=True)

    connections.save(work())
    with ThreadPoolExecutor(1) as writer:
        written = writer.submit(write)
        while not written.done():
            assert connections.get("work").token in (TOKEN, OTHER)
        written.result()


def test_a_name_is_held_for_one_and_freed_by_a_crash(connections: ConnectionStore) -> None:
    lines = [
        "from openrouter_connector.connections.store import ConnectionStore",
        "with ConnectionStore().reserved(' Work '):",
        "    print('held', flush=True)",
        "    input()",
    ]
    holder = subprocess.Popen(
        [sys.executable, "-c", "\n".join(lines)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with holder:
        assert holder.stdout and holder.stdout.readline().strip() == b"held"
        with pytest.raises(InputError, match="being created"), connections.reserved("work"):
            pass
        holder.kill()
    with connections.reserved("work"):
        connections.save(work())
    assert connections.get("work").token == TOKEN
