"""Completion at the press of TAB: in real shells where they are installed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from shutil import which

import pytest

from openrouter_connector.connections.store import ConnectionStore, StoredConnection
from openrouter_connector.sandbox import Sandbox
from support.command import Command

BIN = Path(sys.executable).parent


def completed(line: str) -> list[str]:
    """Return what the program offers for a line, as argcomplete's script of bash asks it."""
    asked = {
        **os.environ, "_ARGCOMPLETE": "1", "_ARGCOMPLETE_SHELL": "bash",
        "_ARGCOMPLETE_SUPPRESS_SPACE": "1", "_ARGCOMPLETE_IFS": "\n", "COMP_LINE": line,
        "COMP_POINT": str(len(line)), "_ARGCOMPLETE_COMP_WORDBREAKS": " \t\n\"'@><=;|&(:",
        "_ARGCOMPLETE_STDOUT_FILENAME": (file := f"{os.environ['OPENROUTER_CONNECTOR_CACHE']}.out"),
    }  # fmt: skip
    program = [sys.executable, "-m", "openrouter_connector"]
    done = subprocess.run(program, env=asked, capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    return Path(file).read_text().splitlines()


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("orc create-sp", ["create-speech"]),
        ("orc complet", ["completion"]),
        ("orc ask --temp", ["--temperature"]),
        ("orc ask Hi --reasoning m", ["minimal", "medium"]),
        ("orc ask Hi --provider.data-collection ", ["allow", "deny"]),
        ("orc runs wa", ["watch"]),
        ("orc show createSp", ["createSpeech"]),
        ("orc show create-sp", ["create-speech"]),
        ("orc config set ask.mod", ["ask.model", "ask.models"]),
        ("orc --vers", ["--version"]),
    ],
)
def test_words_flags_and_values_are_completed(line: str, offered: list[str]) -> None:
    assert completed(line) == offered


def test_models_and_voices_of_cached_lists_are_completed(
    connected: Command, sandbox: Sandbox
) -> None:
    assert completed("orc ask -m sandbox/ech") == []
    connected("options", "ask", "model")
    connected("options", "createSpeech", "model")
    assert completed("orc ask -m sandbox/ech") == ["sandbox/echo", "sandbox/echo:free"]
    assert completed("orc create-speech -m sandbox/sp") == [
        "sandbox/speaker",
        "sandbox/speaker-pcm",
    ]
    voices = completed("orc create-speech -m sandbox/speaker --voice ")
    assert "alba" in voices


def test_connections_are_completed_without_their_keys() -> None:
    ConnectionStore().save(StoredConnection("work", "sk-or-v1-1", {}))
    assert completed("orc ask Hi --connection w") == ["work"]
    assert completed("orc connections remove w") == ["work"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_is_that_of_the_shell(command: Command, shell: str) -> None:
    result = command("completion", shell)
    assert result.code == 0 and "orc" in result.out
    if program := which(shell):
        subprocess.run([program, "-n", "-c", result.out], check=True)


@pytest.mark.skipif(not (which("bash") and (BIN / "orc").exists()), reason="no bash, or no `orc`")
def test_bash_completes() -> None:
    script = """
        eval "$(orc completion bash)"
        COMP_LINE='orc ask --temp' COMP_POINT=14 COMP_TYPE=9
        _python_argcomplete orc
        printf '%s' "${COMPREPLY[0]}"
    """
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", script],
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "--temperature"


@pytest.mark.skipif(not (which("fish") and (BIN / "orc").exists()), reason="no fish, or no `orc`")
def test_fish_completes_with_descriptions() -> None:
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    script = "orc completion fish | source; complete -C 'orc ask --temp'"
    done = subprocess.run(
        ["fish", "--no-config", "-c", script],
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("--temperature\tFrom 0")
