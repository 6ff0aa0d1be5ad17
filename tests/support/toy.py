"""A copy of the definition of this project with an action that somebody added in YAML."""

from __future__ import annotations

import shutil
from pathlib import Path

PROJECT = Path(__file__).parents[2]
TOY = """\
name: countToys
title: Count Toys
description: Count the models of one kind.
group: Toys
request: GET /models/count
main: kind

properties:
  - name: kind
    label: Kind of Toy
    description: What the toy makes.
    type: STRING
    required: true
    options:
      - {label: A picture, value: image}
      - {label: A sound, value: speech}
    send: output_modalities

  - name: loud
    label: Loud
    description: Whether it can be heard next door.
    type: BOOLEAN
    displayCondition: kind == 'speech'
    send: false

output:
  type: INTEGER
  description: The number of toys.
  path: data.count
  required: true
"""


def with_toy(folder: Path) -> Path:
    """Write the copy into a folder, and return its `connector.yaml`."""
    for name in ("definitions", "icons"):
        shutil.copytree(PROJECT / name, folder / "own" / name)
    (folder / "own/definitions/count_toys.yaml").write_text(TOY)
    text = (PROJECT / "connector.yaml").read_text()
    own = folder / "own/connector.yaml"
    for there, added in (
        ("  - countModels\n", "  - countModels\n  - countToys\n"),
        ("groups: [", "groups: [Toys, "),
    ):
        assert there in text
        text = text.replace(there, added)
    own.write_text(text)
    return own
