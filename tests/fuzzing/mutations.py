"""How the fuzzer changes archives: inside a member; a byte outside only fails a checksum."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Callable

from tests.fuzzing import seeds

Mutate = Callable[[bytes, int], bytes]
_LARGEST = 2**20
"""Bytes of a member beyond which it is not unpacked."""


def archive_mutator(mutate: Mutate) -> Callable[[bytes, int, int], bytes]:
    """Return a mutator of zip archives that changes one member by ``mutate``.

    `mutate` takes the bytes and how many there may be, no fewer than there are.
    One time in eight the bytes of the archive itself are changed, also where they are none.
    """

    def changed(content: bytes, most: int, seed: int) -> bytes:
        chance = random.Random(seed)
        members = _members(content)
        if not members or chance.randrange(8) == 0:
            return mutate(content, max(len(content), most))
        name = chance.choice(sorted(members))
        act = chance.randrange(16)
        if act == 0:
            del members[name]
        elif act == 1:
            members[mutate(name.encode(), len(name.encode()) + 8).decode(errors="replace")] = (
                members.pop(name)
            )
        elif act == 2:
            members[name] = members[chance.choice(sorted(members))]
        else:
            members[name] = mutate(members[name], max(len(members[name]) + 64, 256))
        pack = zipfile.ZIP_STORED if chance.randrange(4) else zipfile.ZIP_DEFLATED
        made = seeds.zip_of(members, pack)
        return made if len(made) <= most else content

    return changed


def _members(content: bytes) -> dict[str, bytes]:
    """Return what an archive holds; nothing where it can't be read."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(member.file_size for member in archive.infolist()) > _LARGEST:
                return {}
            return {name: archive.read(name) for name in archive.namelist()}
    except Exception:  # noqa: BLE001 - whatever is wrong with it, it is changed as bytes
        return {}
