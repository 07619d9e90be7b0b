"""The paper's teacher C2: a preprocessing block and MobileNet V2 (Table 3)."""

from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import cached_property, partial
from math import ceil
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from fedasc.audio import FloatArray
from fedasc.audio.bank import VECTORS_PER_SEQUENCE
from fedasc.config import check_choices, check_finite
from fedasc.errors import SettingsError
from fedasc.models.labelling import (
    Precision,
    block_size,
    field_values,
    in_blocks,
    labelling,
    usable,
)
from fedasc.models.mobilenet_network import N_FEATURES, Network
from fedasc.models.network_training import (
    alone,
    in_any_order,
    mixed,
    one_cycle,
    read_networks,
    seed_of,
    write_networks,
)
from fedasc.models.samples import TrainingSet
from fedasc.models.teacher import TeacherSettings, Training
from fedasc.progress import Progress, quiet

_LABELLED_AT_ONCE = 256
_PIXELS_AT_ONCE = 2**17  # bounds what the layers hold to some 50 MB

Schedule = Literal["constant", "one_cycle"]


@dataclass(frozen=True, kw_only=True)
class MobileNetSettings(TeacherSettings):
    """How C2 is built and trained. What is not said to be the paper's, the paper doesn't mention.

    Args:
        side: R, the side of the picture made of a sequence; 224 in the paper, which a CPU core
            labels a hundred times slower.
        n_epochs: 250 in the paper.
        batch_size: The paper leaves it open.
        learning_rate: The highest; 0.001 in the paper.
        schedule: constant (paper); or one_cycle, which rises for a while and then falls to
            nothing.
        weight_decay: Of AdamW, which without it is the paper's Adam.
        mix_up: α of the Beta distribution of mix-up; 0 turns it off; the paper leaves it open.
        label_smoothing: Share of each target that all scenes get evenly; the paper has none.
        input_noise: Deviation of the noise added to the standardised inputs while training; the
            paper has none.
        ranked: Whether each feature's five values are sorted, so that their order tells nothing;
            the paper keeps it.
        shuffled: Whether the five vectors come in an order drawn anew; the paper keeps them.
        n_orders: Orders of the five vectors, each turned by one against the last, over which
            labelling averages; 1 in the paper.
        average_decay: Of the moving average of the weights that labels in place of the last
            ones; 0, as in the paper, averages nothing.
        keep_best: Keep the epoch with the best accuracy on the validation samples, the later of
            equals, in place of the last one; the paper leaves it open.
        patience: Epochs without a better accuracy after which training stops; 0 never stops it.
        n_networks: Networks whose probabilities are averaged; 1 in the paper.
        precision: Of the convolutions while labelling; training is in float32 always. bfloat16 is
            1.5 times as fast on a CPU that computes with it, and much slower on one that doesn't.
            It changes one label of real users' artificial samples in eighty, and the
            probabilities by 0.006 in the mean and 0.1 at most.
    """

    side: int = 16
    n_epochs: int = 24
    batch_size: int = 128
    learning_rate: float = 0.002
    schedule: Schedule = "one_cycle"
    weight_decay: float = 0.05
    mix_up: float = 0.2
    label_smoothing: float = 0.0
    input_noise: float = 0.0
    ranked: bool = False
    shuffled: bool = True
    n_orders: int = 5
    average_decay: float = 0.0
    keep_best: bool = False
    patience: int = 0
    n_networks: int = 2
    precision: Precision = "float32"

    def __post_init__(self) -> None:
        check_finite(self, section="mobilenet")
        if self.side < 8 or self.n_epochs < 1 or self.batch_size < 2 or self.n_networks < 1:
            raise SettingsError(
                "mobilenet: side must be at least 8, n_epochs and n_networks at least 1, "
                "batch_size at least 2"
            )
        if self.learning_rate <= 0:
            raise SettingsError("mobilenet: learning_rate must be positive")
        if min(self.weight_decay, self.mix_up, self.input_noise, self.patience) < 0:
            raise SettingsError(
                "mobilenet: weight_decay, mix_up, input_noise and patience must not be negative"
            )
        if not 0 <= self.label_smoothing < 1 or not 0 <= self.average_decay < 1:
            raise SettingsError("mobilenet: label_smoothing and average_decay must be in [0, 1)")
        if not 1 <= self.n_orders <= VECTORS_PER_SEQUENCE:
            raise SettingsError(f"mobilenet: n_orders must be from 1 to {VECTORS_PER_SEQUENCE}")
        check_choices(self, section="mobilenet")

    def train(
        self, samples: TrainingSet, *, seed: int, progress: Progress = quiet
    ) -> "MobileNetTeacher":
        """Train each network with mix-up (Zhang et al. 2018)."""
        networks = []
        for number in range(self.n_networks):

            def told(epoch: int, before: int = number * self.n_epochs) -> None:
                progress("training the teacher", before + epoch, self.n_networks * self.n_epochs)

            networks.append(self._train_one(samples, seed=seed_of(seed, number), told=told))
        return self._of(networks)

    def training(self, samples: TrainingSet, *, seed: int) -> Training:
        """A part for each network."""
        return Training(
            [
                partial(self._train_one, samples, seed=seed_of(seed, number))
                for number in range(self.n_networks)
            ],
            self._of,
        )

    def _of(self, networks: Sequence["Network"]) -> "MobileNetTeacher":
        return MobileNetTeacher(tuple(networks), self.n_orders, self.precision)

    def _train_one(
        self, samples: TrainingSet, *, seed: int, told: Callable[[int], None] = lambda epoch: None
    ) -> "Network":
        with alone(seed):
            return self._trained(samples, told)

    def _trained(self, samples: TrainingSet, told: Callable[[int], None]) -> "Network":
        training, validation = samples.training, samples.validation
        network = Network(self.side, ranked=self.ranked).to(
            memory_format=torch.channels_last
        )  # a third faster
        network.standardise(training.x)
        x, target = torch.from_numpy(training.x), torch.from_numpy(training.targets())
        optimiser = torch.optim.AdamW(
            network.parameters(), self.learning_rate, weight_decay=self.weight_decay, fused=True
        )
        n_steps = self.n_epochs * ceil(len(x) / self.batch_size)
        rate = one_cycle(optimiser, n_steps) if self.schedule == "one_cycle" else None
        judged = deepcopy(network) if self.average_decay else network
        best, best_accuracy, best_epoch = judged.state_dict(), -1.0, 0
        for epoch in range(1, self.n_epochs + 1):
            network.train()
            for rows in torch.split(torch.randperm(len(x)), self.batch_size):
                if len(rows) < 2:
                    continue  # nothing to normalise a batch of one with
                inputs, wanted = mixed(self._varied(x[rows], network), target[rows], self.mix_up)
                loss = nn.functional.cross_entropy(
                    network(inputs), wanted, label_smoothing=self.label_smoothing
                )
                optimiser.zero_grad()
                torch.autograd.backward(loss)
                optimiser.step()
                if rate:
                    rate.step()
                if self.average_decay:
                    _follow(judged, network, self.average_decay)
            told(epoch)
            if not (self.keep_best or self.patience):
                continue
            accuracy = validation.accuracy(_scenes(judged, self.n_orders, validation.x))
            if accuracy >= best_accuracy:
                best_accuracy, best_epoch = accuracy, epoch
                best = {name: value.clone() for name, value in judged.state_dict().items()}
            elif self.patience and epoch - best_epoch >= self.patience:
                break
        if self.keep_best:
            judged.load_state_dict(best)
        return judged.eval()

    def _varied(self, x: Tensor, network: "Network") -> Tensor:
        """Samples as they might have been: their vectors in another order, and with noise."""
        varied = in_any_order(x) if self.shuffled else x
        if self.input_noise:
            varied = varied + self.input_noise * network.spread * torch.randn_like(varied)
        return varied

    def load(self, path: Path) -> "MobileNetTeacher":
        networks, facts = read_networks(
            path,
            lambda facts: Network(facts["side"], ranked=bool(facts["ranked"])),
            kind="a C2",
        )
        return MobileNetTeacher(networks, facts["n_orders"], self.precision)


@dataclass(frozen=True)
class MobileNetTeacher:
    """A trained C2, or several, whose probabilities are averaged.

    Args:
        networks: All of the same side, and ranked or not.
        n_orders: Orders of the five vectors that are averaged over, each turned by one.
        precision: See `MobileNetSettings`.
        device: Where they label, as PyTorch calls it.
    """

    networks: tuple[Network, ...]
    n_orders: int = 1
    precision: Precision = "float32"
    device: str = "cpu"

    def __getstate__(self) -> dict[str, Any]:
        return field_values(self)

    def probabilities(self, x: NDArray[Any]) -> FloatArray:
        n_pictures = _PIXELS_AT_ONCE // self.networks[0].side ** 2
        on_cpu = min(max(n_pictures, 1), _LABELLED_AT_ONCE)
        with labelling():
            return in_blocks(self._label, x, block_size(on_cpu, self.device))

    def _label(self, x: NDArray[Any]) -> FloatArray:
        inputs = torch.from_numpy(np.ascontiguousarray(x, np.float32)).to(self.device)
        mean: FloatArray = _mean(self._placed, self.n_orders, inputs).cpu().numpy()
        return mean

    @cached_property
    def _placed(self) -> tuple[Network, ...]:
        return tuple(network.on_device(self.device, self.precision) for network in self.networks)

    def on(self, device: str) -> "MobileNetTeacher":
        return replace(self, device=usable(device))

    def save(self, path: Path) -> None:
        network = self.networks[0]
        write_networks(
            path,
            self.networks,
            side=network.side,
            ranked=network.ranked,
            n_orders=self.n_orders,
        )


def _mean(networks: tuple[Network, ...], n_orders: int, x: Tensor) -> Tensor:
    """(n, 4) mean of the networks' probabilities for x (n, 45) in so many orders."""
    probabilities = [
        network(x.roll(turn * N_FEATURES, dims=1)).double().softmax(dim=1)
        for network in networks
        for turn in range(n_orders)
    ]
    return torch.stack(probabilities).mean(dim=0)


def _scenes(network: Network, n_orders: int, x: NDArray[np.float32]) -> NDArray[np.int64]:
    """(n,) what a network that is being trained takes samples (n, 45) for."""
    blocks = torch.split(torch.from_numpy(x), _LABELLED_AT_ONCE)
    network.eval()
    with labelling():
        by_block = [_mean((network,), n_orders, some).argmax(dim=1) for some in blocks]
        scenes: NDArray[np.int64] = torch.cat(by_block).numpy()
    return scenes


def _follow(average: Network, network: Network, decay: float) -> None:
    """Move an average of weights a little to those of a network."""
    for averaged, trained in zip(
        average.state_dict().values(), network.state_dict().values(), strict=True
    ):
        if averaged.is_floating_point():
            averaged.lerp_(trained, 1 - decay)
