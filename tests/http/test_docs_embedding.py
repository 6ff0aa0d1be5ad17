"""The requests in docs/embedding.md return the responses shown there."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from support.http_face import TOKEN, Served

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "embedding.md").read_text("utf-8")
EXCHANGES = re.findall(r"```sh\n(.*?)```\n\n```json\n(.*?)```", PAGE, re.DOTALL)


def differences(response: Any, came: Any, path: str = "answer") -> list[str]:
    """Return the differences from a documented response; `…` matches any text."""
    if isinstance(response, dict) and isinstance(came, dict):
        missing = [f"{path}.{name} is missing" for name in response if name not in came]
        both = [name for name in response if name in came]
        return missing + [d for n in both for d in differences(response[n], came[n], f"{path}.{n}")]
    if isinstance(response, list) and isinstance(came, list):
        short = (
            [f"{path} is {came!r}"] if len(came) < len(response) or (came and not response) else []
        )
        pairs = zip(response, came, strict=False)
        return short + [
            d for i, (a, b) in enumerate(pairs) for d in differences(a, b, f"{path}[{i}]")
        ]
    if isinstance(response, str) and isinstance(came, str):
        pattern = ".*".join(map(re.escape, response.split("…")))
        return [] if re.fullmatch(pattern, came, re.DOTALL) else [f"{path} is {came!r}"]
    number = isinstance(response, float) and isinstance(came, int | float)
    return [] if number or response == came else [f"{path} is {came!r}"]


@pytest.mark.parametrize(("command", "answer"), EXCHANGES)
def test_each_request_returns_the_documented_response(
    command: str, answer: str, played: Served
) -> None:
    ran = subprocess.run(
        ["bash", "-euc", command],
        capture_output=True,
        check=True,
        cwd=ROOT,
        env={**os.environ, "SERVER": played.url, "TOKEN": TOKEN},
    )

    assert differences(json.loads(answer), json.loads(ran.stdout)) == []


def test_the_python_of_the_page_runs() -> None:
    host, send = (ran(code) for code in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL))
    assert "result" in host.splitlines()[-1]
    assert "Hello" in host
    assert send.splitlines()[0] == "paid: POST /chat/completions"
    assert float(send.splitlines()[-1]) > 0


def ran(code: str) -> str:
    """Run Python, and return what it prints."""
    command = [sys.executable, "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
