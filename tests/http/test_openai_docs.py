"""The example of the page works unchanged, and the page names every endpoint."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from openrouter_connector.faces.http.openai.routes import endpoints
from support.http_face import TOKEN, Served

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "openai-compatible.md").read_text("utf-8")
SECTION = PAGE.partition("## OpenRouter behind the OpenAI client\n")[2]


def test_the_example_works_unchanged(played: Served, capsys: pytest.CaptureFixture[str]) -> None:
    (example,) = re.findall(r"^```python\n(.*?)^```$", SECTION, re.DOTALL | re.MULTILINE)
    here = {
        "http://127.0.0.1:8787": played.url,
        "a-token-of-your-own": TOKEN,
        "openai/gpt-5-mini": "sandbox/echo",
    }
    for there, ours in here.items():
        assert there in example
        example = example.replace(there, ours)

    scope: dict[str, object] = {}
    exec(compile(example, "openai-compatible.md", "exec"), scope)
    scope["client"].close()  # type: ignore[attr-defined]

    assert capsys.readouterr().out.count("You said: Hello") == 3


def test_the_page_names_every_endpoint() -> None:
    for route in endpoints.routes:
        assert route.path.replace(":path", "") in SECTION  # type: ignore[attr-defined]
