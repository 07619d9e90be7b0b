"""What a plug-in must do, and how its author is told that it doesn't."""

import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from fedasc.plugins import Plugin
from fedasc.testing.bits import Bits, bits_of


class ContractError(AssertionError):
    """A plug-in that doesn't do what it must."""


def must(plugin: Plugin, contract: str, holds: bool, seen: str) -> None:
    """Hold a plug-in to what it must do.

    Args:
        contract: What follows "it must" in a sentence.
        holds: Whether it does.
        seen: What it does instead.

    Raises:
        ContractError: If it doesn't, in one line.
    """
    if not holds:
        raise ContractError(_line(plugin, contract, seen))


@contextmanager
def must_succeed(plugin: Plugin, contract: str) -> Iterator[None]:
    """Hold a plug-in to something in which no error may come up.

    Raises:
        ContractError: In place of any other error, which it names.
    """
    try:
        yield
    except ContractError:
        raise
    except Exception as error:
        raise ContractError(_line(plugin, contract, raised(error))) from error


def raised(error: Exception) -> str:
    """That an error came up."""
    return f"it raised {type(error).__name__}: {error}"


@contextmanager
def must_leave_global_draws_alone(plugin: Plugin) -> Iterator[None]:
    """Hold a plug-in to its own draws: others' would depend on when it is called."""
    _draw_globally()  # or who always begins with the same seed would leave what it left before
    before = _global_draws()
    yield
    after = _global_draws()
    moved = [name for name, bits in before.items() if after[name] != bits]
    contract = "draw from nothing but what it is given"
    must(plugin, contract, not moved, f"it moved the global state of {', '.join(moved)}")


def _line(plugin: Plugin, contract: str, seen: str) -> str:
    line = f"{plugin.family.word} {plugin.name!r} must {contract}; {seen}"
    return " ".join(line.split())


def _draw_globally() -> None:
    random.random()
    np.random.random()  # noqa: NPY002
    if torch := sys.modules.get("torch"):
        torch.rand(1)


def _global_draws() -> dict[str, Bits]:
    """States of generators that a whole process shares, by the module's name."""
    states = {
        "random": bits_of(random.getstate()),
        "numpy.random": bits_of(np.random.get_state()),  # noqa: NPY002
    }
    torch = sys.modules.get("torch")
    return states | ({"torch": bits_of(torch.get_rng_state().numpy())} if torch else {})
