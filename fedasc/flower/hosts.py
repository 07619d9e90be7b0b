"""Hosts: which devices a Flower node speaks for, and their contents side by side in one message.

Flower's engine spends milliseconds on every message, whatever is in it, so a node speaks for many
devices. What each of them sends stays a content of its own, packed and checked as if it were alone.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from reprlib import repr as short

from flwr.app import RecordDict

from fedasc.errors import MessageError, SettingsError

_SEPARATOR = "/"
_NUMBER = re.compile("0|[1-9][0-9]{0,8}")
_MOST_PER_NODE = 50


@dataclass(frozen=True)
class Hosts:
    """Devices in order, so many to a node.

    Args:
        n_devices: In all.
        per_node: Devices of each node; the last one may have fewer.
    """

    n_devices: int
    per_node: int = 1

    def __post_init__(self) -> None:
        if self.per_node < 1:
            raise SettingsError(f"devices per node must be at least 1, got {self.per_node}")

    @property
    def n_nodes(self) -> int:
        return -(-self.n_devices // self.per_node)

    def devices(self, node: int) -> range:
        """The devices of a node."""
        return range(node * self.per_node, min((node + 1) * self.per_node, self.n_devices))

    def of(self, devices: Iterable[int]) -> dict[int, list[int]]:
        """Those of some devices that each node speaks for, in order."""
        by_node: dict[int, list[int]] = {}
        for device in devices:
            by_node.setdefault(device // self.per_node, []).append(device)
        return by_node


def even_hosts(n_devices: int, n_workers: int, *, n_at_once: int | None = None) -> Hosts:
    """Few messages, but four for each worker at least, so that none of them waits for another.

    Args:
        n_at_once: Devices that are asked at a time; all if None.
    """
    asked = min(n_at_once or n_devices, n_devices)
    per_worker = -(-asked // (4 * n_workers))
    return Hosts(n_devices, min(per_worker, _MOST_PER_NODE))


def bundle(contents: Mapping[int, RecordDict]) -> RecordDict:
    """The contents of several devices in one."""
    return RecordDict(
        {
            f"{device}{_SEPARATOR}{name}": record
            for device, content in contents.items()
            for name, record in content.items()
        }
    )


def unbundle(content: RecordDict) -> dict[int, RecordDict]:
    """The content of each device in the order of their numbers.

    Raises:
        MessageError: If a record is no device's.
    """
    contents: dict[int, RecordDict] = {}
    for key, record in content.items():
        device, _, name = key.partition(_SEPARATOR)
        if not (name and _NUMBER.fullmatch(device)):
            raise MessageError(f"message: expected the records of devices, got {short(key)}")
        contents.setdefault(int(device), RecordDict())[name] = record
    return dict(sorted(contents.items()))
