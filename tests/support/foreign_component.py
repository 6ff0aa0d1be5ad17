"""Another component than ours, with a server of its own, written to a folder."""

from __future__ import annotations

from pathlib import Path
from textwrap import indent

CONNECTOR = """\
name: {name}
version: 1
title: Another
description: A component of another API.
icon: none
baseUrl: {base_url}
connection:
  title: Key
  type: BEARER_TOKEN
  properties:
    - {{name: token, type: STRING, required: true}}
    - {{name: baseUrl, type: STRING, send: false}}
    - {{name: team, type: STRING, send: {{in: header, to: X-Team}}}}
  test: GET /key
  account: {{request: GET /credits, bought: total_credits, used: total_usage}}
  oauth:
    authorizationUrl: https://openrouter.ai/auth
    tokenRequest: POST /auth/keys
    token: key
{environment}
responseId: X-Generation-Id
receipt: {{request: "GET /generation?id={{generationId}}", cost: data.total_cost, within: 0.1}}
actions: [say]
"""
SAY = """\
name: say
title: Say
description: Say it.
request: POST /say
properties:
  - {name: model, type: STRING, required: true, options: {from: models}}
output: {type: STRING, path: text}
"""
MODELS = "name: models\nrequest: GET /models\nitems: data\nvalue: id\nlabel: id\n"


def foreign(
    folder: Path, base_url: str, *, name: str = "another", environment: str | None = None
) -> Path:
    """Write a component, and give the file that `--connector` takes."""
    lists = folder / "definitions" / "options"
    lists.mkdir(parents=True, exist_ok=True)
    (lists / "models.yaml").write_text(MODELS)
    (folder / "definitions" / "say.yaml").write_text(SAY)
    word = indent(f"environment: {environment}", "  ") if environment else ""
    file = folder / "connector.yaml"
    file.write_text(CONNECTOR.format(name=name, base_url=base_url, environment=word))
    return file
