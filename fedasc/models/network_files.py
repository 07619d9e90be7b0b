"""Files of networks: plain arrays (`.npz`), which are read as numbers and never as code."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fedasc.errors import SettingsError

Arrays = Mapping[str, NDArray[Any]]
"""Of a network, by the names that PyTorch's module has for them."""

_FACT = "fact."


def write_arrays(path: Path, networks: Sequence[Arrays], **facts: int) -> None:
    """Write networks and what their kind needs to know."""
    arrays: dict[str, Any] = {_FACT + name: np.array(value) for name, value in facts.items()}
    arrays |= {
        f"{number}.{name}": array
        for number, network in enumerate(networks)
        for name, array in network.items()
    }
    with path.open("wb") as file:
        np.savez_compressed(file, **arrays)


def read_arrays(path: Path) -> tuple[list[Arrays], dict[str, int]]:
    """Networks and facts from their file; see `taken_for`.

    Raises:
        SettingsError: If it is missing.
    """
    if not path.is_file():
        raise SettingsError(f"{path}: no such teacher file")
    with path.open("rb") as file, np.load(file, allow_pickle=False) as content:
        arrays = dict(content)
    facts = {
        name.removeprefix(_FACT): int(arrays.pop(name))
        for name in tuple(arrays)
        if name.startswith(_FACT)
    }
    states: dict[int, dict[str, NDArray[Any]]] = {}
    for name, array in arrays.items():
        number, _, part = name.partition(".")
        states.setdefault(int(number), {})[part] = array
    return [states[number] for number in range(max(states) + 1)], facts


@contextmanager
def taken_for(kind: str, path: Path) -> Iterator[None]:
    """Where a file is read.

    Args:
        kind: What it should be, for messages.

    Raises:
        SettingsError: If it is missing or holds something else.
    """
    try:
        yield
    except SettingsError:
        raise
    except Exception as error:  # whatever reading something else may raise
        raise SettingsError(f"{path}: not {kind} written by fedasc; see --teacher") from error
