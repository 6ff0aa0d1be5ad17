"""Encrypt each token (Fernet) with a key of its own, kept in the keyring or in a private file.

The key goes into the operating system's keyring if there is a real one, else into a file that
only its owner can read. An encrypted token names its key by a fingerprint. So a damaged key costs
one token, never another, and no key is ever overwritten: each new token gets a new key.
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
"""Our service name in the keyring; an entry is named by the fingerprint of its key."""


@dataclass(frozen=True, slots=True)
class EncryptedToken:
    """An encrypted text, the fingerprint of its key, and where that key is kept."""

    text: str
    fingerprint: str
    key_location: Literal["keyring", "file"]

    @classmethod
    def from_json(cls, value: Json) -> Self:
        """Read what `to_json` returned; raise ValueError for anything else."""
        if not isinstance(value, dict) or value.keys() != {"text", "key", "held"}:
            raise ValueError("its token has an unknown format")
        text, key, location = value["text"], value["key"], value["held"]
        if not (isinstance(text, str) and isinstance(key, str) and location in ("keyring", "file")):
            raise ValueError("its token has an unknown format")
        if not re.fullmatch(r"[0-9a-f]{16}", key):  # it becomes part of a file name
            raise ValueError("its token names no key")
        return cls(text, key, location)

    def to_json(self) -> JsonObject:
        """Return `{text, key, held}`."""
        return {"text": self.text, "key": self.fingerprint, "held": self.key_location}


class DecryptionError(ConnectorError):
    """A token that cannot be decrypted; the message says why, and how to repair it."""


class TokenVault:
    """Encrypts and decrypts texts, with keys in the keyring or in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def encrypt(self, text: str) -> EncryptedToken:
        """Encrypt a text with a new key; raise FileError if the key cannot be stored."""
        from cryptography.fernet import Fernet

        # A new key for each token: replacing one must not make another unreadable.
        key = Fernet.generate_key()
        encrypted = Fernet(key).encrypt(text.encode()).decode()
        fingerprint = _fingerprint(key)
        # The key is stored before the text: a text without its key would be lost.
        if _store_in_keyring(fingerprint, key.decode()):
            return EncryptedToken(encrypted, fingerprint, "keyring")
        private_files.write(self._file(fingerprint), key)
        return EncryptedToken(encrypted, fingerprint, "file")

    def decrypt(self, encrypted: EncryptedToken) -> str:
        """Decrypt a text; raise DecryptionError if its key is missing, damaged or exposed."""
        from cryptography.fernet import Fernet, InvalidToken

        try:
            return Fernet(self._key(encrypted)).decrypt(encrypted.text.encode()).decode()
        except (InvalidToken, ValueError) as error:
            raise DecryptionError("its encrypted token is damaged") from error

    def forget(self, encrypted: EncryptedToken) -> None:
        """Delete the key of a text, unless somebody replaced that key by something else."""
        try:
            self._key(encrypted)
        except DecryptionError:
            return
        fingerprint = encrypted.fingerprint
        if encrypted.key_location == "file":
            private_files.remove(self._file(fingerprint))
        else:
            _with_keyring(lambda keyring: keyring.delete_password(SERVICE, fingerprint))

    def _key(self, encrypted: EncryptedToken) -> bytes:
        in_keyring = encrypted.key_location == "keyring"
        read_key = self._key_in_keyring if in_keyring else self._key_in_file
        return read_key(encrypted.fingerprint)

    def _key_in_keyring(self, fingerprint: str) -> bytes:
        key = _with_keyring(lambda keyring: keyring.get_password(SERVICE, fingerprint))
        entry = f"its key ({SERVICE}, {fingerprint})"
        if key is None:
            raise DecryptionError(f"{entry} is not in the keyring, or the keyring is locked")
        if _fingerprint(key.encode()) != fingerprint:
            raise DecryptionError(f"{entry} in the keyring is damaged")
        return key.encode()

    def _key_in_file(self, fingerprint: str) -> bytes:
        file = self._file(fingerprint)
        try:
            # Somebody may have read it already, so a warning would be too little.
            if private_files.readable_by_others(file):
                raise DecryptionError(
                    f"its key {file} is readable by others and is not used: chmod 600 '{file}', "
                    "and make a new API key if others could have read it"
                )
            key = private_files.read(file).strip()
        except FileNotFoundError as error:
            raise DecryptionError(f"its key {file} is missing; restore it") from error
        except OSError as error:
            raise DecryptionError(
                f"its key {file} cannot be read: {error.strerror or error}"
            ) from error
        if _fingerprint(key) != fingerprint:
            raise DecryptionError(f"its key {file} is damaged; restore the right one")
        return key

    def _file(self, fingerprint: str) -> Path:
        return self._folder / f"{fingerprint}.key"


def _fingerprint(key: bytes) -> str:
    return sha256(key).hexdigest()[:16]


def _store_in_keyring(fingerprint: str, key: str) -> bool:
    """Store a key in the keyring; return False if it was not stored."""
    # Read back, since some backends accept a password and drop it.
    _with_keyring(lambda keyring: keyring.set_password(SERVICE, fingerprint, key))
    return _with_keyring(lambda keyring: keyring.get_password(SERVICE, fingerprint)) == key


def _with_keyring(action: Callable[[KeyringBackend], T]) -> T | None:
    """Return the result of an action on the keyring; None without a keyring, or if it fails."""
    try:
        import keyring

        backend = keyring.get_keyring()
        # A priority below 1 means that a backend stores nothing, or stores it unencrypted.
        return action(backend) if backend.priority >= 1 else None
    except Exception:  # each backend fails in its own way; a key file works as well
        return None
