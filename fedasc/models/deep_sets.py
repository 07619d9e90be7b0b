"""A teacher that sees the five vectors as a set: Deep Sets (Zaheer et al. 2017)."""

from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from fedasc.audio import FloatArray
from fedasc.audio.bank import VECTORS_PER_SEQUENCE
from fedasc.errors import SettingsError
from fedasc.models.labelling import labelling
from fedasc.models.network_training import alone, mixed, one_cycle, restored
from fedasc.models.samples import Samples, TrainingSet
from fedasc.progress import Progress, quiet
from fedasc.scenes import N_SCENES

_N_FEATURES = 9
_N_STATISTICS = (2 + VECTORS_PER_SEQUENCE) * _N_FEATURES
_LABELLED_AT_ONCE = 1024


@dataclass(frozen=True, kw_only=True)
class DeepSetsSettings:
    """How the networks are built and trained.

    Args:
        n_networks: Networks with first weights of their own, whose probabilities are averaged.
        n_hidden: Outputs of the layers before the pooling; there are up to twice as many after it.
        dropout: Share of outputs dropped after the pooling, while training.
        n_steps: Batches that each network learns from.
        batch_size: Samples in a batch.
        learning_rate: The highest, of AdamW; it rises for a tenth of the steps and then falls to
            nothing along a cosine (Smith and Topin 2018).
        weight_decay: Of AdamW (Loshchilov and Hutter 2019).
        mix_up: α of the Beta distribution of mix-up; 0 turns it off.
    """

    n_networks: int = 3
    n_hidden: int = 128
    dropout: float = 0.2
    n_steps: int = 1000
    batch_size: int = 256
    learning_rate: float = 0.002
    weight_decay: float = 0.02
    mix_up: float = 0.2

    def __post_init__(self) -> None:
        if min(self.n_networks, self.n_hidden, self.n_steps, self.batch_size) < 1:
            raise SettingsError(
                "deep_sets: n_networks, n_hidden, n_steps and batch_size must be at least 1"
            )
        if not 0 <= self.dropout < 1 or self.learning_rate <= 0:
            raise SettingsError("deep_sets: dropout must be in [0, 1), learning_rate positive")
        if self.weight_decay < 0 or self.mix_up < 0:
            raise SettingsError("deep_sets: weight_decay and mix_up must not be negative")

    def train(
        self, samples: TrainingSet, *, seed: int, progress: Progress = quiet
    ) -> "DeepSetsTeacher":
        """Train for so many steps; the validation samples are not used."""
        networks = []
        with alone(seed):
            for number in range(self.n_networks):
                networks.append(self._train_one(samples.training))
                progress("training the teacher", number + 1, self.n_networks)
        return DeepSetsTeacher(tuple(networks))

    def _train_one(self, samples: Samples) -> "Network":
        x, target = torch.from_numpy(samples.x), torch.from_numpy(samples.targets())
        network = Network(self.n_hidden, self.dropout)
        vectors = x.reshape(-1, _N_FEATURES)
        network.centre.copy_(vectors.mean(dim=0))
        network.spread.copy_(vectors.std(dim=0))
        optimiser = torch.optim.AdamW(
            network.parameters(), self.learning_rate, weight_decay=self.weight_decay
        )
        rate = one_cycle(optimiser, self.n_steps)
        n_passes = ceil(self.n_steps * self.batch_size / len(x))
        order = torch.cat([torch.randperm(len(x)) for _ in range(n_passes)])
        for rows in torch.split(order, self.batch_size)[: self.n_steps]:
            inputs, wanted = mixed(x[rows], target[rows], self.mix_up)
            optimiser.zero_grad()
            torch.autograd.backward(nn.functional.cross_entropy(network(inputs), wanted))
            optimiser.step()
            rate.step()
        return network.eval()

    def load(self, path: Path) -> "DeepSetsTeacher":
        return restored(path, _from_content, kind="deep sets")


class Network(nn.Module):
    """A layer for each vector, pooling, and dense layers on what is left, whatever the order."""

    centre: Tensor
    spread: Tensor

    def __init__(self, n_hidden: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.n_hidden = n_hidden
        self.register_buffer("centre", torch.zeros(_N_FEATURES))
        self.register_buffer("spread", torch.ones(_N_FEATURES))
        self.each = nn.Sequential(
            nn.Linear(_N_FEATURES, n_hidden), nn.GELU(), nn.Linear(n_hidden, n_hidden), nn.GELU()
        )
        self.all = nn.Sequential(
            *(nn.Linear(2 * n_hidden + _N_STATISTICS, 2 * n_hidden), nn.LayerNorm(2 * n_hidden)),
            *(nn.GELU(), nn.Dropout(dropout)),
            *(nn.Linear(2 * n_hidden, n_hidden), nn.GELU(), nn.Dropout(dropout)),
            nn.Linear(n_hidden, N_SCENES),
        )

    def forward(self, x: Tensor) -> Tensor:
        """(n, 45) sequences in dB to (n, 4) logits.

        Beside the mean and the maximum of what the first layers make of each vector, the next
        ones get each feature's mean, deviation and sorted values.
        """
        z = (x.reshape(len(x), VECTORS_PER_SEQUENCE, _N_FEATURES) - self.centre) / self.spread
        ranked = z.sort(dim=1).values.flatten(start_dim=1)
        statistics = (z.mean(dim=1), z.std(dim=1, unbiased=False), ranked)
        seen = self.each(z)
        logits: Tensor = self.all(
            torch.cat([seen.mean(dim=1), seen.amax(dim=1), *statistics], dim=1)
        )
        return logits


@dataclass(frozen=True)
class DeepSetsTeacher:
    """Mean of its networks' probabilities."""

    networks: tuple[Network, ...]

    def probabilities(self, x: NDArray[Any]) -> FloatArray:
        inputs = torch.from_numpy(np.ascontiguousarray(x, np.float32))
        with labelling():
            found: FloatArray = np.mean(
                [
                    torch.cat([network(some) for some in torch.split(inputs, _LABELLED_AT_ONCE)])
                    .double()
                    .softmax(dim=1)
                    .numpy()
                    for network in self.networks
                ],
                axis=0,
            )
        return found

    def save(self, path: Path) -> None:
        states = [network.state_dict() for network in self.networks]
        torch.save({"n_hidden": self.networks[0].n_hidden, "states": states}, path)


def _from_content(content: Any) -> DeepSetsTeacher:
    networks = tuple(Network(int(content["n_hidden"])) for _ in content["states"])
    for network, state in zip(networks, content["states"], strict=True):
        network.load_state_dict(state)
    return DeepSetsTeacher(tuple(network.eval() for network in networks))
