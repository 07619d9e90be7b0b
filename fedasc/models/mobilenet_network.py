"""The network of the paper's teacher C2: a preprocessing block and MobileNet V2 (Table 3)."""

from copy import deepcopy

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torchvision.models import mobilenet_v2

from fedasc.audio.bank import VECTORS_PER_SEQUENCE
from fedasc.models.labelling import Precision, dtype_of
from fedasc.models.ordered_layer import ordered
from fedasc.scenes import N_SCENES

N_FEATURES = 9


class Network(nn.Module):
    """C2 of Table 3; 3,512,466 parameters at side 224.

    Args:
        side: R of the paper.
        ranked: Whether each feature's five values are sorted first.
    """

    centre: Tensor
    spread: Tensor

    def __init__(self, side: int, *, ranked: bool = False) -> None:
        super().__init__()
        self.side = side
        self.ranked = ranked
        self.register_buffer("centre", torch.zeros(N_FEATURES * VECTORS_PER_SEQUENCE))
        self.register_buffer("spread", torch.ones(N_FEATURES * VECTORS_PER_SEQUENCE))
        self.across_features = nn.Linear(N_FEATURES, side)
        self.across_time = nn.Linear(VECTORS_PER_SEQUENCE, side)
        self.colour = nn.Conv2d(1, 3, kernel_size=1)
        self.mobilenet = mobilenet_v2()
        self.output = nn.Linear(1000, N_SCENES)

    def standardise(self, x: NDArray[np.float32]) -> None:
        """Take centre and spread from samples (n, 45): those of a feature, whatever its vector."""
        vectors = torch.from_numpy(x).reshape(-1, N_FEATURES)
        self.centre.copy_(vectors.mean(dim=0).repeat(VECTORS_PER_SEQUENCE))
        self.spread.copy_(vectors.std(dim=0).repeat(VECTORS_PER_SEQUENCE))

    def forward(self, x: Tensor) -> Tensor:
        """(n, 45) sequences in dB to (n, 4) logits."""
        z = ((x - self.centre) / self.spread).reshape(-1, VECTORS_PER_SEQUENCE, N_FEATURES)
        if self.ranked:
            z = z.sort(dim=1).values
        columns = self.across_features(z).relu()
        picture = self.across_time(columns.transpose(1, 2)).relu()
        colours = self.colour(picture[:, None].to(self.colour.weight)).relu()
        logits: Tensor = self.output(self.mobilenet(colours))
        return logits

    def on_device(self, device: str, precision: Precision) -> "Network":
        """A copy that labels, of which the convolutions are in another precision.

        On a CPU its dense layers are ordered, so that no sample depends on those beside.
        """
        network = deepcopy(self).to(device).to(memory_format=torch.channels_last)
        for layers in (network.colour, network.mobilenet, network.output):
            layers.to(dtype_of(precision))
        if torch.device(device).type == "cpu":
            ordered(network)
        return network.eval()
