"""Memory of this process and all it has started, at its highest."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_PROC = Path("/proc")
_LOOK_EVERY_S = 0.5


class Peak:
    """The highest that was seen.

    Args:
        n_bytes: None where the system doesn't tell (anything but Linux).
    """

    def __init__(self) -> None:
        self.n_bytes: int | None = None

    def look(self) -> None:
        """See how much is in use now."""
        now = bytes_in_use()
        if now is not None:
            self.n_bytes = max(self.n_bytes or 0, now)


@contextmanager
def watched() -> Iterator[Peak]:
    """Look twice a second while the block lasts."""
    peak, ended = Peak(), threading.Event()

    def look() -> None:
        while not ended.wait(_LOOK_EVERY_S):
            peak.look()

    peak.look()
    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield peak
    finally:
        ended.set()
        watcher.join()


def bytes_in_use() -> int | None:
    """Proportional set sizes of this process and its descendants; None where there is no /proc.

    What processes share is counted once.
    """
    if not (_PROC / "self/smaps_rollup").exists():
        return None
    return sum(_proportional_bytes(process) for process in family(os.getpid()))


def family(process: int) -> set[int]:
    """Numbers of a process and of all its descendants."""
    parents: dict[int, int] = {}
    for folder in _PROC.iterdir():
        if folder.name.isdecimal():
            with suppress(OSError):  # it has ended
                # the name, in brackets, may hold anything
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
                parents[int(folder.name)] = int(fields[1])
    members = {process}
    while more := {child for child, parent in parents.items() if parent in members} - members:
        members |= more
    return members


def _proportional_bytes(process: int) -> int:
    with suppress(OSError):
        for line in (_PROC / str(process) / "smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return 1024 * int(line.split()[1])
    return 0
