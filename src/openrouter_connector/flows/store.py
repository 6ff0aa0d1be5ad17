"""Store flows in a folder, and keep every version of each.

    flows/k7m2x9qpwd/1.json     the flow as it was first saved: plain JSON, as it is exchanged
    flows/k7m2x9qpwd/2.json     as it was saved next

A version is written once and never changed. Who saves names the version that was changed; if
somebody else saved first, ConflictError names the current version, and nothing is lost. A file
that cannot be read is reported with its flow; the other flows and versions are not affected.
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from ..connections import private_files
from ..definition.load import Definition, load_component
from ..errors import ConflictError, FileError, InputError, Problem
from ..values import JsonObject
from .formats.document import LARGEST, read_document, write_json
from .formats.expressions import read_template
from .formats.flow import Flow
from .formats.passwords import passwords_in
from .formats.secret_scan import scan_for_secrets

MOST_FLOWS = 10_000
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # without letters that look like digits
_ID = re.compile(r"[a-z0-9]{10}")
_VERSION_FILE = re.compile(r"([1-9][0-9]{0,8})\.json")
_LOOKS_LIKE_KEY = "looks like an API key, and keys are never stored in a flow; remove it"
_NEVER_STORED = "is a secret, and secrets are never stored in a flow; leave it empty"

Versions = dict[int, Path]


class UnknownFlow(InputError):
    """The flow, or this version of it, does not exist."""


@dataclass(frozen=True, slots=True)
class FlowVersion:
    """One version of a stored flow."""

    version: int
    saved: str
    """When it was saved, in ISO 8601."""
    size: int
    """Bytes of its file."""

    def to_json(self) -> JsonObject:
        """Return `{version, saved, size}`."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class FlowSummary:
    """A stored flow without its content."""

    id: str
    label: str
    """Empty if the flow has none, or cannot be read."""
    version: int
    """The current version."""
    created: str
    saved: str
    problem: str | None = None
    """Why its current version cannot be read."""

    def to_json(self) -> JsonObject:
        """Return `{id, label, version, created, saved, problem}`."""
        return asdict(self)


Summaries = list[FlowSummary]
FlowVersions = list[FlowVersion]


@dataclass(frozen=True, slots=True)
class StoredFlow:
    """One version of a stored flow, with its content."""

    id: str
    flow: Flow
    version: int
    created: str
    saved: str

    def to_json(self) -> JsonObject:
        """Return `{id, label, version, created, saved, flow}`."""
        return {
            "id": self.id,
            "label": self.flow.label,
            "version": self.version,
            "created": self.created,
            "saved": self.saved,
            "flow": self.flow.document,
        }


class FlowStore:
    """The flows in a folder, by default the user's; safe for concurrent processes.

    Every method raises FileError if the folder cannot be used.
    """

    def __init__(
        self, folder: Path | str | None = None, definition: Definition | None = None
    ) -> None:
        """Use this folder, else `flows` in the folder of connections.

        `definition` says which parameters are passwords; by default our own.
        """
        self._definition = definition
        self._folder = Path(folder).expanduser() if folder is not None else _default_folder()

    def list(self) -> Summaries:
        """Return all flows, the last saved first."""
        found = [self._summary(folder) for folder in self._flow_folders()]
        return sorted(filter(None, found), key=lambda one: (one.saved, one.id), reverse=True)

    def get(self, id: str, version: int | None = None) -> StoredFlow:
        """Return a version of a flow, by default the current one.

        UnknownFlow for an unknown id, FileError if its file is damaged.
        """
        versions = self._versions(id)
        number = max(versions) if version is None else version
        if number not in versions:
            raise UnknownFlow([Problem("version", f"the flow {id!r} has no version {number}")])
        return self._stored(id, versions, number)

    def versions(self, id: str) -> FlowVersions:
        """Return all versions of a flow, the newest first. UnknownFlow for an unknown id."""
        newest_first = sorted(self._versions(id).items(), reverse=True)
        with _known(id):
            return [
                FlowVersion(number, _saved(file), file.stat().st_size)
                for number, file in newest_first
            ]

    def create(self, flow: Flow) -> StoredFlow:
        """Store a new flow. InputError if it holds an API key, is too large, or they are many."""
        content = self._accepted(flow)
        with private_files.lock_folder(self._folder):
            taken = {folder.name for folder in self._flow_folders()}
            if len(taken) >= MOST_FLOWS:
                raise InputError([Problem("flow", f"{MOST_FLOWS:,} flows are stored; delete some")])
            while (id := "".join(secrets.choice(_ALPHABET) for _ in range(10))) in taken:
                pass
            private_files.write(file := self._folder / id / "1.json", content)
        return self._written(id, flow, {1: file})

    def save(self, id: str, flow: Flow, version: int | None) -> StoredFlow:
        """Store a new version of a flow that was changed from `version`; None replaces any.

        ConflictError if that is not the current one any more. A flow that equals the current one
        makes no new version, and no conflict: a save whose answer was lost can be sent again.
        """
        content = self._accepted(flow)
        with private_files.lock_folder(self._folder):
            versions = self._versions(id)
            if not _holds(versions[current := max(versions)], content):
                _check_current(id, current, version)
                versions[current + 1] = self._folder / id / f"{current + 1}.json"
                private_files.write(versions[current + 1], content)
        return self._written(id, flow, versions)

    def delete(self, id: str, version: int | None = None) -> None:
        """Delete a flow with all its versions; with `version` only if that is the current one."""
        with private_files.lock_folder(self._folder):
            _check_current(id, max(self._versions(id)), version)
            # Renamed first: a crash leaves a whole flow, or a folder that is no flow.
            doomed = self._folder / f".deleted-{id}-{secrets.token_hex(4)}"
            try:
                (self._folder / id).rename(doomed)
            except OSError as error:
                raise FileError(f"{self._folder / id} cannot be deleted: {error}") from error
        shutil.rmtree(doomed, ignore_errors=True)

    def _accepted(self, flow: Flow) -> bytes:
        """Return the content of a flow's file. InputError for a flow that cannot be stored."""
        content = _content(flow)
        if problems := list(_secrets(flow, self._definition or load_component())):
            raise InputError(problems)
        return content

    def _flow_folders(self) -> Iterator[Path]:
        try:
            yield from (path for path in self._folder.iterdir() if _ID.fullmatch(path.name))
        except FileNotFoundError:
            return
        except OSError as error:
            raise FileError(f"{self._folder} cannot be read: {error.strerror}") from error

    def _versions(self, id: str) -> Versions:
        """Return the files of a flow by version. An id that could be a path is unknown."""
        with _known(id):
            versions = _version_files(self._folder / id) if _ID.fullmatch(id) else {}
            if not versions:
                raise FileNotFoundError
        return versions

    def _summary(self, folder: Path) -> FlowSummary | None:
        try:
            if not (versions := _version_files(folder)):
                return None
            current = max(versions)
            status = versions[current].stat()
            label, problem = _described(versions[current], status.st_mtime_ns, status.st_size)
            saved, created = _saved(versions[current]), _saved(versions[min(versions)])
        except FileNotFoundError:  # deleted by another process meanwhile
            return None
        except OSError as error:
            return FlowSummary(folder.name, "", 0, "", "", f"{folder} cannot be read: {error}")
        return FlowSummary(folder.name, label, current, created, saved, problem)

    def _stored(self, id: str, versions: Versions, number: int) -> StoredFlow:
        try:
            flow = Flow.from_json(read_document(_read(versions[number])))
        except (InputError, OSError) as error:
            others = ", ".join(str(one) for one in sorted(versions, reverse=True) if one != number)
            rest = f"; other versions: {others:.100}" if others else ""
            raise FileError(
                f"version {number} of the flow {id!r} cannot be read: its file "
                f"{versions[number]} is damaged ({_reason(error)}){rest}"
            ) from error
        return self._written(id, flow, versions, number)

    def _written(
        self, id: str, flow: Flow, versions: Versions, number: int | None = None
    ) -> StoredFlow:
        number = max(versions) if number is None else number
        with _known(id):
            created, saved = _saved(versions[min(versions)]), _saved(versions[number])
        return StoredFlow(id, flow, number, created, saved)


def _content(flow: Flow) -> bytes:
    """Return the bytes of a flow's file. InputError if they could not be read again."""
    text = write_json(flow.document)
    if len(text) > LARGEST:  # without the space that makes it readable
        text = json.dumps(flow.document, ensure_ascii=False, separators=(",", ":"))
    content = text.encode()
    if len(content) > LARGEST:
        raise InputError([Problem("flow", f"is larger than {LARGEST // 1024**2} MB")])
    return content


def _secrets(flow: Flow, definition: Definition) -> Iterator[Problem]:
    """Yield the place of all that looks like a secret; a pill in place of a password is allowed."""
    for found in scan_for_secrets(flow.document).removed:
        yield Problem(found.path, _LOOKS_LIKE_KEY)
    for parameters, name, place in passwords_in(flow.document, definition):
        value = parameters[name]
        if value and not (isinstance(value, str) and read_template(value).is_dynamic):
            yield Problem(place, _NEVER_STORED)


def _check_current(id: str, current: int, version: int | None) -> None:
    if version not in (None, current):
        message = (
            f"the flow {id!r} was changed from another version than the current one, which is "
            f"{current}; nothing was stored: read version {current}, and make your changes in it"
        )
        raise ConflictError(message, version=current)


def _version_files(folder: Path) -> Versions:
    try:
        found = [(_VERSION_FILE.fullmatch(file.name), file) for file in folder.iterdir()]
    except (FileNotFoundError, NotADirectoryError):
        return {}
    return {int(match[1]): file for match, file in found if match}


@contextmanager
def _known(id: str) -> Iterator[None]:
    """Raise UnknownFlow for a file that does not exist, FileError for one that is unreadable."""
    try:
        yield
    except FileNotFoundError:
        raise UnknownFlow([Problem("id", f"the flow {id!r:.80} does not exist")]) from None
    except OSError as error:
        raise FileError(f"the flow {id!r} cannot be read: {error}") from error


def _holds(file: Path, content: bytes) -> bool:
    try:
        return _read(file) == content
    except OSError:
        return False


def _read(file: Path) -> bytes:
    return private_files.read(file, LARGEST)


@lru_cache(4096)
def _described(file: Path, changed: int, size: int) -> tuple[str, str | None]:
    """Return the label of a flow's file, and why it cannot be read. A version never changes."""
    try:
        return Flow.from_json(read_document(_read(file))).label, None
    except (InputError, OSError) as error:
        return "", f"its file {file} is damaged: {_reason(error)}"


def _reason(error: Exception) -> str:
    if isinstance(error, InputError):
        return str(error.problems[0])
    return getattr(error, "strerror", None) or str(error)


def _saved(file: Path) -> str:
    changed = datetime.fromtimestamp(file.stat().st_mtime, UTC)
    return changed.isoformat(timespec="milliseconds")


def _default_folder() -> Path:
    from ..connections.store import default_folder

    return default_folder() / "flows"
