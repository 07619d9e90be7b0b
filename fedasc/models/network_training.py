"""What the training of networks shares: a state of its own, mix-up, and vectors in any order."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from math import cos, pi
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LambdaLR

from fedasc.audio.bank import VECTORS_PER_SEQUENCE
from fedasc.models.network_files import read_arrays, taken_for, write_arrays

N = TypeVar("N", bound=nn.Module)

_RISING = 0.1


@contextmanager
def alone(seed: int) -> Iterator[None]:
    """One thread, no denormal numbers, and a random state of its own, all given back."""
    n_threads = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    try:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            yield
    finally:
        torch.set_flush_denormal(False)
        torch.set_num_threads(n_threads)


def seed_of(seed: int, number: int) -> int:
    """The seed of one of several networks."""
    return int(np.random.SeedSequence(seed, spawn_key=(0, number)).generate_state(1)[0] >> 1)


def mixed(x: Tensor, target: Tensor, alpha: float) -> tuple[Tensor, Tensor]:
    """Mix each sample of a batch with another one (mix-up, Zhang et al. 2018).

    Args:
        x: (n_samples, 45)
        target: (n_samples, 4)
        alpha: Of the Beta distribution of the shares; 0 mixes nothing.
    """
    if alpha == 0:
        return x, target
    share = torch.distributions.Beta(alpha, alpha).sample((len(x), 1))
    other = torch.randperm(len(x))
    return share * x + (1 - share) * x[other], share * target + (1 - share) * target[other]


def in_any_order(x: Tensor) -> Tensor:
    """The five vectors of each of x (n_samples, 45) in an order drawn anew."""
    order = torch.rand(len(x), VECTORS_PER_SEQUENCE).argsort(dim=1)
    vectors = x.reshape(len(x), VECTORS_PER_SEQUENCE, -1)
    return vectors.take_along_dim(order[:, :, None], dim=1).reshape(len(x), -1)


def one_cycle(optimiser: Optimizer, n_steps: int) -> LambdaLR:
    """A learning rate that rises for a tenth of the steps, then falls to nothing along a cosine.

    Smith and Topin 2018, without their cycle of the momentum.
    """
    n_rising = max(1, round(_RISING * n_steps))

    def factor(step: int) -> float:
        if step < n_rising:
            return (step + 1) / n_rising
        return (1 + cos(pi * (step + 1 - n_rising) / (n_steps + 1 - n_rising))) / 2

    return LambdaLR(optimiser, factor)


def write_networks(path: Path, networks: Sequence[nn.Module], **facts: int) -> None:
    """Write networks and what their kind needs to know; see `write_arrays`."""
    states = (network.state_dict().items() for network in networks)
    arrays = [{name: tensor.cpu().numpy() for name, tensor in state} for state in states]
    write_arrays(path, arrays, **facts)


def read_networks(
    path: Path, build: Callable[[dict[str, int]], N], *, kind: str
) -> tuple[tuple[N, ...], dict[str, int]]:
    """Networks and facts from their file, which is read as numbers and never as code.

    Args:
        build: Makes an untrained network of the facts in the file.
        kind: What it should be, for messages.

    Raises:
        SettingsError: If the file is missing or holds something else.
    """
    with taken_for(kind, path):
        states, facts = read_arrays(path)
        networks = []
        for state in states:
            network = build(facts)
            network.load_state_dict({name: torch.from_numpy(part) for name, part in state.items()})
            networks.append(network.eval())
        return tuple(networks), facts
