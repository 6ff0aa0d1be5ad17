"""Actions as functions: they perform, and a type checker and an editor know their parameters."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from pathlib import Path

import pytest

from openrouter_connector import Connector, InputError
from openrouter_connector.sandbox import Sandbox

SCRIPT = """\
import asyncio
from pathlib import Path

from openrouter_connector import Connector

async def main() -> None:
    async with Connector.load().connect(sandbox=True) as session:
        call = session.actions
        spoken = await call.createSpeech(model="sandbox/speaker", voice="alba", input="Hello!")
        heard = await call.createTranscription(model="sandbox/listener", file=spoken.files[0])
        answer = await call.ask(
            model="sandbox/echo",
            format="ADVANCED",
            messages=[{"role": "USER", "content": heard.text, "attachments": [Path("notes.txt")]}],
            temperature=0,
            provider={"sort": "price"},
        )
        print(answer.text)
        await call.ask(userPrompt="Hi")  # wrong: no model
        await call.ask(model="a", userPromt="Hi")  # wrong
        await call.ask(model="a", format="SIMPEL")  # wrong
        await call.ask(model="a", provider={"sort": "prize"})  # wrong
        await call.aks(model="a")  # wrong
    Connector.load().run("ask", {}, sandbx=True)  # wrong

asyncio.run(main())
"""


def test_a_type_checker_knows_the_parameters(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT, encoding="utf-8")
    cache = pytestconfig.rootpath / ".mypy_cache" / "scripts"
    words = [sys.executable, "-m", "mypy", "--strict", f"--cache-dir={cache}", script.name]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    found = {int(line) for line in re.findall(r"^script\.py:(\d+): error", done.stdout, re.M)}
    wrong = {number for number, line in enumerate(SCRIPT.splitlines(), 1) if "# wrong" in line}
    assert found == wrong, done.stdout + done.stderr


def test_an_action_is_a_function_of_the_session(connector: Connector, sandbox: Sandbox) -> None:
    async def run() -> None:
        token, base_url = sandbox.token, sandbox.base_url
        async with connector.connect(token, base_url=base_url) as session:
            answer = await session.actions.ask(model="sandbox/echo", userPrompt="Hi")
            assert answer.text.endswith("Hi")
            with pytest.raises(InputError, match="model: is missing"):
                await session.actions.ask(userPrompt="Hi")  # type: ignore[call-arg]
            assert dir(session.actions) == sorted(connector.definition.component.actions)
            with pytest.raises(
                AttributeError, match="there is no action 'aks'; did you mean 'ask'"
            ):
                session.actions.aks  # type: ignore[attr-defined]  # noqa: B018

    asyncio.run(run())
