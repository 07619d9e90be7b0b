"""A teacher that sees the five vectors as a set: Deep Sets (Zaheer et al. 2017)."""

from dataclasses import dataclass, replace
from functools import cached_property, partial
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fedasc.arithmetic.functions import softmax
from fedasc.audio import FloatArray
from fedasc.config import check_choices, check_finite
from fedasc.errors import SettingsError
from fedasc.models.deep_sets_kernel import Layers, standardised
from fedasc.models.deep_sets_weights import N_FEATURES, NetworkWeights
from fedasc.models.labelling import (
    CPU,
    Precision,
    block_size,
    field_values,
    in_blocks,
    labelling,
    order_free,
    statistics,
    usable,
)
from fedasc.models.network_files import read_arrays, taken_for, write_arrays
from fedasc.models.samples import Samples, TrainingSet
from fedasc.models.teacher import TeacherSettings, Training
from fedasc.models.teacher_training import in_turn
from fedasc.progress import Progress, quiet
from fedasc.scenes import N_SCENES

if TYPE_CHECKING:
    from fedasc.models.deep_sets_network import Network

# Samples, of which what the widest layer holds is no larger than a second-level cache
_LABELLED_AT_ONCE: dict[Precision, int] = {"float32": 512, "bfloat16": 1024}


@dataclass(frozen=True, kw_only=True)
class DeepSetsSettings(TeacherSettings):
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
        precision: Of the layers while labelling; training is in float32 always. bfloat16 is 1.6
            times as fast on a CPU that computes with it, and much slower on one that doesn't. It
            changes one label of real users' artificial samples in a thousand, and the
            probabilities by 0.0006 in the mean and 0.02 at most.
    """

    n_networks: int = 3
    n_hidden: int = 128
    dropout: float = 0.2
    n_steps: int = 1000
    batch_size: int = 256
    learning_rate: float = 0.002
    weight_decay: float = 0.02
    mix_up: float = 0.2
    precision: Precision = "float32"

    def __post_init__(self) -> None:
        check_finite(self, section="deep_sets")
        if min(self.n_networks, self.n_hidden, self.n_steps, self.batch_size) < 1:
            raise SettingsError(
                "deep_sets: n_networks, n_hidden, n_steps and batch_size must be at least 1"
            )
        if not 0 <= self.dropout < 1 or self.learning_rate <= 0:
            raise SettingsError("deep_sets: dropout must be in [0, 1), learning_rate positive")
        if self.weight_decay < 0 or self.mix_up < 0:
            raise SettingsError("deep_sets: weight_decay and mix_up must not be negative")
        check_choices(self, section="deep_sets")

    def train(
        self, samples: TrainingSet, *, seed: int, progress: Progress = quiet
    ) -> "DeepSetsTeacher":
        """Train for so many steps; the validation samples are not used."""
        teacher: DeepSetsTeacher = in_turn(self.training(samples, seed=seed), progress)
        return teacher

    def training(self, samples: TrainingSet, *, seed: int) -> Training:
        """A part for each network."""
        from fedasc.models.network_training import seed_of

        return Training(
            [
                partial(self._train_one, samples.training, seed=seed_of(seed, number))
                for number in range(self.n_networks)
            ],
            lambda networks: DeepSetsTeacher(tuple(networks), self.precision),
        )

    def _train_one(self, samples: Samples, *, seed: int) -> NetworkWeights:
        from fedasc.models.network_training import alone

        with alone(seed):
            return NetworkWeights.of(self._trained(samples))

    def _trained(self, samples: Samples) -> "Network":
        import torch
        from torch import nn

        from fedasc.models.deep_sets_network import Network
        from fedasc.models.network_training import mixed, one_cycle

        x, target = torch.from_numpy(samples.x), torch.from_numpy(samples.targets())
        network = Network(self.n_hidden, self.dropout)
        vectors = x.reshape(-1, N_FEATURES)
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
        with taken_for("deep sets", path):
            networks, _ = read_arrays(path)
            return DeepSetsTeacher(tuple(map(NetworkWeights, networks)), self.precision)


@dataclass(frozen=True)
class DeepSetsTeacher:
    """Mean of its networks' probabilities.

    Args:
        networks: Trained on the same samples, so that they standardise alike.
        precision: See `DeepSetsSettings`.
        device: Where they label, as PyTorch calls it.
    """

    networks: tuple[NetworkWeights, ...]
    precision: Precision = "float32"
    device: str = CPU

    def __getstate__(self) -> dict[str, Any]:
        return field_values(self)

    def probabilities(self, x: NDArray[Any]) -> FloatArray:
        if self.device == CPU and self.precision == "float32":
            return in_blocks(self._label, x, _LABELLED_AT_ONCE["float32"], filled=False)
        n_samples = block_size(_LABELLED_AT_ONCE[self.precision], self.device)
        with labelling():
            return in_blocks(self._label_in_batches, x, n_samples)

    def _label(self, x: NDArray[Any]) -> FloatArray:
        """By compiled loops, whose sums have an order of their own."""
        centre, spread = (self.networks[0].arrays[name] for name in ("centre", "spread"))
        z = standardised(x.astype(np.float32), centre, spread)
        summary = order_free(z)
        first, *others = (
            softmax(layers.logits(z, summary)[:, :N_SCENES]) for layers in self._layers
        )
        mean: FloatArray = sum(others, first) / len(self.networks)
        return mean

    def _label_in_batches(self, x: NDArray[Any]) -> FloatArray:
        """By PyTorch, in another precision or on an accelerator."""
        import torch

        inputs = torch.from_numpy(np.ascontiguousarray(x, np.float32)).to(self.device)
        z = self._placed[0].standardised(inputs)
        summary = statistics(z)
        probabilities = [
            network.logits(z, summary).double().softmax(dim=1) for network in self._placed
        ]
        mean: FloatArray = torch.stack(probabilities).mean(dim=0).cpu().numpy()
        return mean

    @cached_property
    def _layers(self) -> tuple[Layers, ...]:
        return tuple(map(Layers.of, self.networks))

    @cached_property
    def _placed(self) -> "tuple[Network, ...]":
        return tuple(
            weights.network().on_device(self.device, self.precision) for weights in self.networks
        )

    def on(self, device: str) -> "DeepSetsTeacher":
        return replace(self, device=usable(device))

    def save(self, path: Path) -> None:
        arrays = [network.arrays for network in self.networks]
        write_arrays(path, arrays, n_hidden=self.networks[0].n_hidden)
