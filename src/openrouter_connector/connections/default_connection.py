"""Remember the default connection of each component, in a file that names the connection's file.

Naming the file rather than the connection keeps the default when a connection is renamed.
"""

from __future__ import annotations

from pathlib import Path

from ..openrouter.identity import COMPONENT
from . import private_files
from .connection_file import ConnectionRecord
from .connection_folder import ConnectionFolder


class DefaultConnections:
    """The pointers to default connections: `default`, and `default-NAME` of other components."""

    def __init__(self, folder: Path, connections: ConnectionFolder) -> None:
        self._folder, self._connections = folder, connections

    def set(self, file: Path, component: str) -> None:
        """Make the connection in a file the default of a component."""
        private_files.write(self._pointer(component), file.name.encode())

    def get(self, component: str) -> Path | None:
        """Return the file of a component's default connection, readable or not."""
        file = self._target(self._pointer(component))
        record = self._connections.read_all().get(file) if file else None
        ours = isinstance(record, ConnectionRecord) and record.component == component
        return file if ours or isinstance(record, ValueError) else None

    def pointers_to(self, file: Path) -> list[Path]:
        """Return the pointers that name a file."""
        pointers = self._folder.glob("default*")
        return [pointer for pointer in pointers if self._target(pointer) == file]

    def _pointer(self, component: str) -> Path:
        return self._folder / ("default" if component == COMPONENT else f"default-{component}")

    def _target(self, pointer: Path) -> Path | None:
        """Return the file that a pointer names; earlier versions wrote the connection's name."""
        try:
            name = private_files.read(pointer).decode().strip()
        except (OSError, ValueError):
            return None
        by_file_name = (file for file in self._connections.read_all() if file.name == name)
        return next(by_file_name, None) or self._connections.find_file(name)
