"""How many CPUs this process may use, which on a shared machine are fewer than there are."""

import os
from collections.abc import Iterator
from math import ceil, inf
from pathlib import Path, PurePosixPath

_GROUPS = Path("/sys/fs/cgroup")
_OWN_GROUPS = Path("/proc/self/cgroup")


def usable_cpus() -> int:
    """CPUs that the process is bound to, or as many as its quota comes to, rounded up, if fewer.

    Other than libraries that look at the topmost control group alone, this sees the quota of a
    service or of a scheduler's job as well.
    """
    return max(1, min(_bound_to(), ceil(min(quota(), os.cpu_count() or 1))))


def _bound_to() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def quota(groups: Path = _GROUPS, own: Path = _OWN_GROUPS) -> float:
    """CPUs' worth of time of the process's control groups (Linux, version 1 or 2); inf for no end.

    Args:
        groups: Where control groups are.
        own: File that says which ones the process is in.
    """
    try:
        lines = own.read_text("utf-8").splitlines()
    except OSError:
        return inf
    quotas = [inf]
    for _, controllers, path in (line.split(":", 2) for line in lines if line.count(":") >= 2):
        if not controllers:
            quotas += map(_quota_2, _with_parents(groups, path))
        elif "cpu" in controllers.split(","):
            for mount in ("cpu", controllers):
                quotas += map(_quota_1, _with_parents(groups / mount, path))
    return min(quotas)


def _with_parents(top: Path, path: str) -> Iterator[Path]:
    """A control group and those that it is in; a container knows its own as the topmost one."""
    group = PurePosixPath(path.lstrip("/"))
    yield from (top / one for one in (group, *group.parents))


def _quota_2(group: Path) -> float:
    return _share(_words(group / "cpu.max"))


def _quota_1(group: Path) -> float:
    return _share([*_words(group / "cpu.cfs_quota_us"), *_words(group / "cpu.cfs_period_us")])


def _words(file: Path) -> list[str]:
    try:
        return file.read_text("utf-8").split()
    except OSError:
        return []


def _share(words: list[str]) -> float:
    """Of time and period, in the same unit; "max" and -1 stand for no end."""
    if len(words) != 2 or not all(word.isdecimal() and int(word) for word in words):
        return inf
    return int(words[0]) / int(words[1])
