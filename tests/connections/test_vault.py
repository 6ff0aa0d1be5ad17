"""A token is stored encrypted; a damaged key or file costs one connection, which can come back."""

from __future__ import annotations

import json
import os
from pathlib import Path

import keyring
import pytest

from openrouter_connector import CredentialError, InputError
from openrouter_connector.connections.store import ConnectionStore
from support.stored_connections import (
    OTHER,
    TOKEN,
    MemoryKeyring,
    PlaintextKeyring,
    file_contents,
    key_files,
    problem_of,
    work,
)

# The token is a secret.


def test_no_token_is_readable_in_a_file_a_repr_or_a_list(
    connections: ConnectionStore, folder: Path
) -> None:
    connections.save(work(title="An App"))
    shown = repr(connections.get()) + repr(connections.list()) + repr(vars(connections))
    shown += json.dumps([one.to_json() for one in connections.list()])
    assert TOKEN not in shown and "An App" in shown
    assert file_contents(folder) and all(
        TOKEN.encode() not in c for c in file_contents(folder).values()
    )


@pytest.mark.skipif(os.name != "posix", reason="rights as POSIX has them")
def test_files_and_folders_are_their_owners_only(
    connections: ConnectionStore, folder: Path
) -> None:
    connections.save(work())
    connections.save(work(OTHER), replace=True)
    paths = [folder, *folder.rglob("*")]
    assert len(paths) == 7
    for path in paths:
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600), path


@pytest.mark.skipif(os.name != "posix", reason="rights as POSIX has them")
def test_a_key_that_others_can_read_is_not_used(connections: ConnectionStore, folder: Path) -> None:
    connections.save(work())
    key_files(folder)[0].chmod(0o640)
    assert "chmod 600" in problem_of(connections)
    with pytest.raises(CredentialError, match="readable by others"):
        connections.get("work")
    key_files(folder)[0].chmod(0o600)
    assert connections.get("work").token == TOKEN


def test_the_keyring_holds_the_key_where_there_is_one(
    connections: ConnectionStore, folder: Path, ring: MemoryKeyring
) -> None:
    connections.save(work())
    assert key_files(folder) == [] and len(ring.entries) == 1
    assert TOKEN not in "".join(ring.entries.values())
    assert connections.get("work").token == TOKEN
    connections.save(work(OTHER), replace=True)
    assert (connections.get("work").token, len(ring.entries)) == (OTHER, 1)
    connections.remove("work")
    assert ring.entries == {}


def test_a_locked_keyring_is_no_crash(
    connections: ConnectionStore, folder: Path, ring: MemoryKeyring
) -> None:
    connections.save(work())
    ring.locked = True
    assert "the keyring is locked" in problem_of(connections)
    with pytest.raises(CredentialError, match="the keyring is locked"):
        connections.get("work")
    connections.save(work(OTHER, "home"))
    assert (connections.get("home").token, len(key_files(folder))) == (OTHER, 1)
    ring.locked = False
    assert (connections.get("work").token, connections.get("home").token) == (TOKEN, OTHER)


def test_a_keyring_that_keeps_keys_in_the_clear_is_not_used(
    connections: ConnectionStore, folder: Path, in_use: None
) -> None:
    keyring.set_keyring(ring := PlaintextKeyring())
    connections.save(work())
    assert (ring.entries, len(key_files(folder))) == ({}, 1)


def test_a_keyring_that_forgets_is_not_trusted(
    connections: ConnectionStore, folder: Path, ring: MemoryKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ring, "set_password", lambda *_: None)
    connections.save(work())
    assert len(key_files(folder)) == 1 and connections.get("work").token == TOKEN


def test_an_entry_of_the_keyring_that_is_gone_is_told(
    connections: ConnectionStore, ring: MemoryKeyring
) -> None:
    connections.save(work())
    before = dict(ring.entries)
    ring.entries.clear()
    assert "is not in the keyring" in problem_of(connections)
    ring.entries.update(dict.fromkeys(before, "something else"))
    assert "in the keyring is damaged" in problem_of(connections)
    ring.entries.update(before)
    assert connections.get("work").token == TOKEN


# What is damaged is told, and never written over.

DAMAGE = {"gone": None, "empty": b"", "cut": b"abc", "no text": b"\xff\xfe", "another": b"A" * 44}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_key_loses_its_own_connection_and_no_other(
    connections: ConnectionStore, folder: Path, damage: str
) -> None:
    connections.save(work())
    (file,) = key_files(folder)
    good = file.read_bytes()
    connections.save(work(OTHER, "home"))
    file.unlink()
    if (bad := DAMAGE[damage]) is not None:
        file.write_bytes(bad)
        file.chmod(0o600)

    assert "openrouter-connector connect --name work" in problem_of(connections)
    with pytest.raises(CredentialError, match="connect --name work"):
        connections.get()
    assert connections.get("home").token == OTHER

    connections.save(work(name="third"))
    assert connections.get("third").token == TOKEN
    assert (file.read_bytes() if file.exists() else None) == bad

    file.write_bytes(good)
    file.chmod(0o600)
    assert connections.get("work").token == TOKEN


@pytest.mark.parametrize("replace", [True, False])
def test_a_lost_connection_that_is_entered_again_is_kept_aside(
    connections: ConnectionStore, folder: Path, replace: bool
) -> None:
    connections.save(work())
    (file,) = (folder / "connections").iterdir()
    (key,) = key_files(folder)
    lost, good = file.read_bytes(), key.read_bytes()
    key.write_bytes(b"damaged")

    for token in (OTHER, f"{OTHER}x"):
        connections.save(work(token), replace=replace or token != OTHER)
    assert connections.get().token == f"{OTHER}x"
    assert key.read_bytes() == b"damaged"
    (kept,) = (folder / "connections").glob("*.kept-*")
    assert kept.read_bytes() == lost

    key.write_bytes(good)
    kept.replace(file)
    assert connections.get().token == TOKEN


RUBBISH = {
    "empty": b"",
    "half": b'{"name": "wo',
    "no text": b"\xff\xfe\x00",
    "deep": b"[" * 100_000,
    "a list": b"[]",
    "no name": b"{}",
    "odd types": b'{"name": 1, "properties": [], "created": {}, "token": "x"}',
    "another's": b'{"name": "home", "properties": {}, "created": "", "token": null}',
    "a path": b'{"name": "work", "properties": {}, "created": "", "token": '
    b'{"text": "x", "key": "../../../etc", "held": "file"}}',
}


@pytest.mark.parametrize("rubbish", RUBBISH)
def test_a_damaged_connection_is_listed_and_never_written_over(
    connections: ConnectionStore, folder: Path, rubbish: str
) -> None:
    connections.save(work())
    connections.save(work(OTHER, "home"))
    file = next((folder / "connections").glob("work-*"))
    file.write_bytes(RUBBISH[rubbish])

    assert str(file) in problem_of(connections, file.stem)
    with pytest.raises(CredentialError, match=r"is damaged|another connection"):
        connections.get("work")
    assert connections.get("home").token == OTHER
    with pytest.raises(InputError, match="cannot be renamed"):
        connections.rename("work", "office")

    connections.save(work(OTHER))
    assert connections.get("work").token == OTHER
    (kept,) = (folder / "connections").glob("*.kept-1")
    assert kept.read_bytes() == RUBBISH[rubbish]


def test_a_damaged_connection_can_be_removed_by_the_name_that_is_listed(
    connections: ConnectionStore, folder: Path
) -> None:
    connections.save(work())
    next((folder / "connections").glob("work-*")).write_bytes(b"")
    connections.remove(connections.list()[0].name)
    assert connections.list() == []


def test_a_token_goes_to_no_other_server_when_a_file_is_changed(
    connections: ConnectionStore, folder: Path
) -> None:
    connections.save(work())
    (file,) = (folder / "connections").iterdir()
    record = json.loads(file.read_bytes())
    for url in ("https://evil.example/v1", "http://evil.example/v1"):
        file.write_text(json.dumps(record | {"properties": {"baseUrl": url}}))
        assert "changed by hand" in problem_of(connections)
        with pytest.raises(CredentialError, match="changed by hand"):
            connections.get("work")


def test_a_broken_default_is_none(connections: ConnectionStore, folder: Path) -> None:
    connections.save(work())
    for broken in (b"\xff", b"", b"nobody"):
        (folder / "default").write_bytes(broken)
        assert connections.default is None
        assert [one.default for one in connections.list()] == [False]
