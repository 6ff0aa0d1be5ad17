"""Texts as they may lie on a disk: encrypted (Fernet), each with a key of its own.

The key lies in the keyring of the operating system, where there is a real one, and else in a file
that only its owner can read. A sealed text names its key by a fingerprint, and says where it is
held; so a key that is damaged takes one text with it, never another, and is never written over:
a new text has a new key.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self, TypeVar

from ..errors import ConnectorError
from ..values import Json, JsonObject
from . import private_files

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

T = TypeVar("T")

SERVICE = "openrouter-connector"
"""What the keyring calls us; the name of an entry is the fingerprint of its key."""


@dataclass(frozen=True, slots=True)
class EncryptedToken:
    """An encrypted text, the fingerprint of the key to it, and where that key is held."""

    text: str
    key: str
    key_location: Literal["keyring", "file"]

    @classmethod
    def from_json(cls, value: Json) -> Self:
        """Read what `to_json` gave; ValueError when it is something else."""
        if not isinstance(value, dict) or value.keys() != {"text", "key", "held"}:
            raise ValueError("its token is not what was written")
        text, key, held = value["text"], value["key"], value["held"]
        if not (isinstance(text, str) and isinstance(key, str) and held in ("keyring", "file")):
            raise ValueError("its token is not what was written")
        if not re.fullmatch(r"[0-9a-f]{16}", key):  # it becomes the name of a file
            raise ValueError("its token names no key")
        return cls(text, key, held)

    def to_json(self) -> JsonObject:
        """Give `{text, key, held}`."""
        return {"text": self.text, "key": self.key, "held": self.key_location}


class DecryptionError(ConnectorError):
    """A sealed text that cannot be read: the message says why, and what would bring it back."""


class TokenVault:
    """Seals texts, and opens them again, with keys in the keyring or in this folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def encrypt(self, text: str) -> EncryptedToken:
        """Encrypt a text with a new key; FileError when the key cannot be kept anywhere."""
        from cryptography.fernet import Fernet

        key = Fernet.generate_key()
        sealed = Fernet(key).encrypt(text.encode()).decode()
        mark = _fingerprint(key)
        if _kept_by_keyring(mark, key.decode()):
            return EncryptedToken(sealed, mark, "keyring")
        private_files.write(self._file(mark), key)
        return EncryptedToken(sealed, mark, "file")

    def open(self, sealed: EncryptedToken) -> str:
        """Decrypt a text; SealedError when its key is gone, damaged or open to others."""
        from cryptography.fernet import Fernet, InvalidToken

        try:
            return Fernet(self._key(sealed)).decrypt(sealed.text.encode()).decode()
        except (InvalidToken, ValueError) as error:
            raise DecryptionError("its encrypted token is damaged") from error

    def forget(self, sealed: EncryptedToken) -> None:
        """Take away the key to a text, but not what was put in the place of it."""
        try:
            self._key(sealed)
        except DecryptionError:
            return
        if sealed.key_location == "file":
            private_files.remove(self._file(sealed.key))
        else:
            _asked(lambda keyring: keyring.delete_password(SERVICE, sealed.key))

    def _key(self, sealed: EncryptedToken) -> bytes:
        held = self._of_keyring if sealed.key_location == "keyring" else self._of_file
        return held(sealed.key)

    def _of_keyring(self, mark: str) -> bytes:
        key = _asked(lambda keyring: keyring.get_password(SERVICE, mark))
        if key is None:
            raise DecryptionError(
                f"its key ({SERVICE}, {mark}) is not in the keyring, or the keyring is locked"
            )
        if _fingerprint(key.encode()) != mark:
            raise DecryptionError(f"its key ({SERVICE}, {mark}) in the keyring is damaged")
        return key.encode()

    def _of_file(self, mark: str) -> bytes:
        file = self._file(mark)
        try:
            if private_files.readable_by_others(file):
                raise DecryptionError(
                    f"its key {file} is open to others and is not used: chmod 600 '{file}', "
                    "and make a new API key if others could have read it"
                )
            key = private_files.read(file).strip()
        except FileNotFoundError as error:
            raise DecryptionError(f"its key {file} is gone; put it back") from error
        except OSError as error:
            raise DecryptionError(
                f"its key {file} cannot be read: {error.strerror or error}"
            ) from error
        if _fingerprint(key) != mark:
            raise DecryptionError(f"its key {file} is damaged; put the right one back")
        return key

    def _file(self, mark: str) -> Path:
        return self._folder / f"{mark}.key"


def _fingerprint(key: bytes) -> str:
    return sha256(key).hexdigest()[:16]


def _kept_by_keyring(mark: str, key: str) -> bool:
    """Put a key into the keyring; False when there is none, or it does not give the key back."""
    _asked(lambda keyring: keyring.set_password(SERVICE, mark, key))
    return _asked(lambda keyring: keyring.get_password(SERVICE, mark)) == key


def _asked(question: Callable[[KeyringBackend], T]) -> T | None:
    """Ask the keyring; None when there is no real one, it is locked, or it fails in any way."""
    try:
        import keyring

        backend = keyring.get_keyring()
        # Below 1 are those that keep nothing, or keep it in the clear.
        return question(backend) if backend.priority >= 1 else None
    except Exception:  # each backend fails in its own way, and a key file serves as well
        return None
