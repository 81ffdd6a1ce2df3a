"""API keys: created here, stored only as SHA-256, compared in constant time.

A key has 256 random bits, so a plain hash of it cannot be reversed by guessing.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

PREFIX = "gck_"
"""The prefix of every key, so that a leaked key can be recognised."""
_NAME = re.compile(r"[\w.@-]{1,64}")
_LINE = re.compile(r"(?P<name>\S+)\s+sha256:(?P<digest>[0-9a-f]{64})")


class KeysWrong(ValueError):
    """The file of keys, or the name of a new key, is invalid."""


def digest_of(key: str) -> str:
    """Return the digest of a key, which is all that is stored."""
    return hashlib.sha256(key.encode()).hexdigest()


@dataclass(frozen=True)
class Keys:
    """The keys that are accepted: digest by name."""

    digests: Mapping[str, str] = field(repr=False)

    def owner(self, key: str) -> str | None:
        """Return the name of a key; None if it is unknown. The time taken does not depend on it."""
        given = digest_of(key)
        found = None
        for name, digest in self.digests.items():
            if hmac.compare_digest(given, digest):
                found = name
        return found


def read_keys(path: Path) -> Keys:
    """Read a file of keys; raises `KeysWrong` or OSError. Lines that begin with # are comments."""
    digests: dict[str, str] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        found = _LINE.fullmatch(line.strip())
        if found is None:
            raise KeysWrong(f"line {number} of the keys is not NAME sha256:DIGEST")
        if found["name"] in digests:
            raise KeysWrong(f"line {number} of the keys: {found['name']} is listed twice")
        digests[found["name"]] = found["digest"]
    if not digests:
        raise KeysWrong("the file of keys holds no key")
    return Keys(digests)


def add_key(path: Path, name: str) -> str:
    """Create a key, append its digest to the file, which is created if missing; return the key.

    The key itself is not stored. Raises `KeysWrong` if the name is taken or invalid.
    """
    if _NAME.fullmatch(name) is None:
        raise KeysWrong("a name is 1 to 64 letters, digits, dots, hyphens or underscores")
    if path.exists() and path.stat().st_size and name in read_keys(path).digests:
        raise KeysWrong(f"there is already a key named {name}")
    key = PREFIX + secrets.token_urlsafe(32)
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(handle, "a", encoding="utf-8") as file:
        file.write(f"{name} sha256:{digest_of(key)}\n")
    return key
