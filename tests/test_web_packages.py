"""The lock file of the Studio's pages names packages, and not where one machine got them."""

from __future__ import annotations

import json
import re
from pathlib import Path

WEB = Path(__file__).parents[1] / "web"
LOCK = (WEB / "package-lock.json").read_text(encoding="utf-8")


def test_the_lock_file_holds_no_addresses_of_packages() -> None:
    packages = json.loads(LOCK)["packages"]
    assert [name for name, one in packages.items() if "resolved" in one] == []
    assert re.findall(r"https?://\S+\.tgz", LOCK) == []


def test_each_locked_package_is_known_by_its_digest() -> None:
    packages = json.loads(LOCK)["packages"]
    assert [name for name, one in packages.items() if name and "integrity" not in one] == []


def test_the_lock_file_is_that_of_the_package_file() -> None:
    wanted = json.loads((WEB / "package.json").read_text(encoding="utf-8"))
    locked = json.loads(LOCK)["packages"][""]
    for kind in ("dependencies", "devDependencies"):
        assert locked[kind] == wanted[kind]
