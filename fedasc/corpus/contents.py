"""Contents: what stands in files, known by a digest that is only computed when a file changed."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import Any

from fedasc.atomic import replaced
from fedasc.config import fingerprint
from fedasc.places import cache_root
from fedasc.seal import content_of, signed
from fedasc.sharing import share

MISSING = "missing"
"""In place of the digest of a file that can't be read."""

_log = logging.getLogger(__name__)


def contents_digest(paths: Iterable[Path], *, owner: Path) -> str:
    """One digest of the contents of files, in order; see `digests`.

    Args:
        paths: The files, each once.
    """
    return fingerprint(list(digests(paths, owner=owner)))


def digests(paths: Iterable[Path], *, owner: Path) -> Sequence[str]:
    """A digest of the content of each file, in order.

    Reading all of a large corpus takes minutes, so the digest of each file is remembered with its
    size and time of change, and computed anew when one of these differs.

    Args:
        paths: The files, each once; one may be missing or unreadable, or a pipe or device, which
            isn't opened: that counts as a content of its own, `MISSING`.
        owner: File that lists them; each owner has a memory of its own.
    """
    memory = cache_root() / "contents" / f"{fingerprint(str(owner.resolve()))}.signed"
    known = _remembered(memory)
    entries = {}
    for path in paths:
        entries[str(path)] = [0, 0, MISSING]
        with suppress(OSError):  # who decodes it will say what is wrong
            if not path.is_file():
                continue
            state = path.stat()
            entry = known.get(str(path))
            if entry is None or entry[:2] != [state.st_size, state.st_mtime_ns]:
                content = blake2b(path.read_bytes(), digest_size=16).hexdigest()
                entry = [state.st_size, state.st_mtime_ns, content]
            entries[str(path)] = entry
    if entries != known:
        with replaced(memory) as file:
            file.write(signed(entries))
        share(memory.parent, like=cache_root())
    return [str(digest) for _, _, digest in entries.values()]


def _remembered(memory: Path) -> Mapping[str, Any]:
    """What a memory holds; nothing if it isn't what was written."""
    try:
        with memory.open("rb") as file:
            known: Mapping[str, Any] = content_of(file.read())
    except FileNotFoundError:
        return {}
    except ValueError:
        _log.warning("%s: damaged; digests of files are computed anew", memory)
        return {}
    return known
