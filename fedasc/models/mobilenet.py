"""The paper's teacher C2: a preprocessing block and MobileNet V2 (Table 3)."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torchvision.models import mobilenet_v2

from fedasc.audio import FloatArray
from fedasc.audio.bank import VECTORS_PER_SEQUENCE
from fedasc.errors import SettingsError
from fedasc.models.network_training import alone, mixed, restored
from fedasc.models.samples import TrainingSet
from fedasc.progress import Progress, quiet
from fedasc.scenes import N_SCENES

_N_FEATURES = 9
_LABELLED_AT_ONCE = 256


@dataclass(frozen=True, kw_only=True)
class MobileNetSettings:
    """How C2 is built and trained.

    Args:
        side: R, the side of the picture made of a sequence; 224 in the paper, which a CPU core
            labels a hundred times slower.
        n_epochs: 250 in the paper.
        batch_size: The paper leaves it open.
        learning_rate: Of Adam (paper).
        mix_up: α of the Beta distribution of mix-up; 0 turns it off; the paper leaves it open.
    """

    side: int = 32
    n_epochs: int = 30
    batch_size: int = 64
    learning_rate: float = 0.001
    mix_up: float = 0.2

    def __post_init__(self) -> None:
        if self.side < 8 or self.n_epochs < 1 or self.batch_size < 2:
            raise SettingsError(
                "mobilenet: side must be at least 8, n_epochs at least 1, batch_size at least 2"
            )
        if self.learning_rate <= 0 or self.mix_up < 0:
            raise SettingsError("mobilenet: learning_rate must be positive, mix_up not negative")

    def train(
        self, samples: TrainingSet, *, seed: int, progress: Progress = quiet
    ) -> "MobileNetTeacher":
        """Train with mix-up (Zhang et al. 2018) and keep the epoch best on the validation set."""
        with alone(seed):
            return self._train(samples, progress)

    def _train(self, samples: TrainingSet, progress: Progress) -> "MobileNetTeacher":
        training, validation = samples.training, samples.validation
        network = Network(self.side)
        network.centre.copy_(torch.from_numpy(training.x.mean(axis=0)))
        network.spread.copy_(torch.from_numpy(training.x.std(axis=0)))
        x = torch.from_numpy(training.x)
        target = torch.from_numpy(training.targets())
        optimiser = torch.optim.Adam(network.parameters(), lr=self.learning_rate)
        best, best_accuracy = network.state_dict(), -1.0
        for epoch in range(self.n_epochs):
            network.train()
            for rows in torch.split(torch.randperm(len(x)), self.batch_size):
                if len(rows) < 2:
                    continue
                inputs, wanted = mixed(x[rows], target[rows], self.mix_up)
                optimiser.zero_grad()
                torch.autograd.backward(nn.functional.cross_entropy(network(inputs), wanted))
                optimiser.step()
            teacher = MobileNetTeacher(network)
            accuracy = validation.accuracy(teacher.probabilities(validation.x).argmax(axis=1))
            if accuracy >= best_accuracy:
                best_accuracy = accuracy
                best = {name: value.clone() for name, value in network.state_dict().items()}
            progress("training the teacher", epoch + 1, self.n_epochs)
        network.load_state_dict(best)
        return MobileNetTeacher(network)

    def load(self, path: Path) -> "MobileNetTeacher":
        return restored(path, _from_content, kind="a C2")


class Network(nn.Module):
    """C2 of Table 3; 3,512,466 parameters at side 224."""

    centre: Tensor
    spread: Tensor

    def __init__(self, side: int) -> None:
        super().__init__()
        self.side = side
        self.register_buffer("centre", torch.zeros(_N_FEATURES * VECTORS_PER_SEQUENCE))
        self.register_buffer("spread", torch.ones(_N_FEATURES * VECTORS_PER_SEQUENCE))
        self.across_features = nn.Linear(_N_FEATURES, side)
        self.across_time = nn.Linear(VECTORS_PER_SEQUENCE, side)
        self.colour = nn.Conv2d(1, 3, kernel_size=1)
        self.mobilenet = mobilenet_v2()
        self.output = nn.Linear(1000, N_SCENES)

    def forward(self, x: Tensor) -> Tensor:
        """(n, 45) sequences in dB to (n, 4) logits."""
        z = ((x - self.centre) / self.spread).reshape(-1, VECTORS_PER_SEQUENCE, _N_FEATURES)
        columns = self.across_features(z).relu()
        picture = self.across_time(columns.transpose(1, 2)).relu()
        logits: Tensor = self.output(self.mobilenet(self.colour(picture[:, None]).relu()))
        return logits


@dataclass(frozen=True)
class MobileNetTeacher:
    """A trained C2."""

    network: Network

    def probabilities(self, x: NDArray[Any]) -> FloatArray:
        self.network.eval()
        inputs = torch.from_numpy(np.ascontiguousarray(x, np.float32))
        with torch.inference_mode():
            logits = [self.network(some) for some in torch.split(inputs, _LABELLED_AT_ONCE)]
            found: FloatArray = torch.cat(logits).double().softmax(dim=1).numpy()
        return found

    def save(self, path: Path) -> None:
        torch.save({"side": self.network.side, "state": self.network.state_dict()}, path)


def _from_content(content: Any) -> MobileNetTeacher:
    network = Network(int(content["side"]))
    network.load_state_dict(content["state"])
    return MobileNetTeacher(network)
