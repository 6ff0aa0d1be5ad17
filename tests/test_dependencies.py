"""The packages that an installation brings: what each is for, and under which licence."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
PERMISSIVE = re.compile(
    r"\b(MIT|BSD|Apache|PSF|Python Software|ISC|MPL|Redistribution and use in source)\b"
)
COPYLEFT = re.compile(r"\b(AGPL|GPL|LGPL|EUPL|SSPL|GNU)")


def test_the_security_page_says_what_each_direct_dependency_is_for() -> None:
    page = (ROOT / "docs" / "security.md").read_text().partition("## Packages")[2]
    explained = set(re.findall(r"^\| `([\w-]+)` \|", page, re.MULTILINE))
    extras = PROJECT["optional-dependencies"]
    direct = [
        *PROJECT["dependencies"],
        *(one for name in extras if name != "dev" for one in extras[name]),
    ]
    assert explained == {Requirement(one).name for one in direct} - {PROJECT["name"]}


def test_the_base_install_has_permissive_licences_only() -> None:
    found = {one.name: licence(one) for one in installed(PROJECT["dependencies"])}
    assert "pydantic_core" in found  # what dependencies bring counts as well
    assert {name: said for name, said in found.items() if not PERMISSIVE.search(said)} == {}
    assert {name: said for name, said in found.items() if COPYLEFT.search(said)} == {}


def installed(requirements: list[str]) -> Iterator[Distribution]:
    """Yield the packages that these requirements bring, each once."""
    waiting, seen = list(requirements), set[str]()
    while waiting:
        wanted = Requirement(waiting.pop())
        applies = wanted.marker is None or wanted.marker.evaluate({"extra": ""})
        if not applies or wanted.name in seen:
            continue
        seen.add(wanted.name)
        try:
            one = distribution(wanted.name)
        except PackageNotFoundError:  # of another platform
            continue
        waiting += one.requires or []
        yield one


def licence(one: Distribution) -> str:
    """Return the licence that a package declares, in any of the fields for it."""
    said = one.metadata
    for field in ("License-Expression", "Classifier", "License"):
        texts = said.get_all(field) or []
        if field == "Classifier":
            texts = [text for text in texts if text.startswith("License ::")]
        if texts:
            return "; ".join(texts)
    return ""
