"""The network of Deep Sets, as it learns and as it labels."""

from copy import deepcopy

import torch
from torch import Tensor, nn

from fedasc.audio.bank import VECTORS_PER_SEQUENCE
from fedasc.models.deep_sets_weights import EPSILON, N_FEATURES, N_STATISTICS
from fedasc.models.labelling import Precision, dtype_of
from fedasc.scenes import N_SCENES


class Network(nn.Module):
    """A layer for each vector, pooling, and dense layers on what is left, whatever the order."""

    centre: Tensor
    spread: Tensor

    def __init__(self, n_hidden: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.n_hidden = n_hidden
        self.register_buffer("centre", torch.zeros(N_FEATURES))
        self.register_buffer("spread", torch.ones(N_FEATURES))
        self.each = nn.Sequential(
            nn.Linear(N_FEATURES, n_hidden), nn.GELU(), nn.Linear(n_hidden, n_hidden), nn.GELU()
        )
        self.all = nn.Sequential(
            *(
                nn.Linear(2 * n_hidden + N_STATISTICS, 2 * n_hidden),
                nn.LayerNorm(2 * n_hidden, EPSILON),
            ),
            *(nn.GELU(), nn.Dropout(dropout)),
            *(nn.Linear(2 * n_hidden, n_hidden), nn.GELU(), nn.Dropout(dropout)),
            nn.Linear(n_hidden, N_SCENES),
        )

    def forward(self, x: Tensor) -> Tensor:
        """(n, 45) sequences in dB to (n, 4) logits.

        Beside the mean and the maximum of what the first layers make of each vector, the next
        ones get each feature's mean, deviation and sorted values.
        """
        z = (x.reshape(len(x), VECTORS_PER_SEQUENCE, N_FEATURES) - self.centre) / self.spread
        ranked = z.sort(dim=1).values.flatten(start_dim=1)
        statistics = (z.mean(dim=1), z.std(dim=1, unbiased=False), ranked)
        seen = self.each(z)
        logits: Tensor = self.all(
            torch.cat([seen.mean(dim=1), seen.amax(dim=1), *statistics], dim=1)
        )
        return logits

    def on_device(self, device: str, precision: Precision) -> "Network":
        """A copy that labels, of which the layers are in another precision."""
        network = deepcopy(self).to(device)
        for layers in (network.each, network.all):
            layers.to(dtype_of(precision))
        return network.eval()

    def standardised(self, x: Tensor) -> Tensor:
        """(5, n, 9) vectors of sequences (n, 45), in the order in which labelling is fastest."""
        vectors = x.reshape(len(x), VECTORS_PER_SEQUENCE, N_FEATURES).transpose(0, 1)
        return ((vectors - self.centre) / self.spread).contiguous()

    def logits(self, z: Tensor, summary: Tensor) -> Tensor:
        """What `forward` finds, up to rounding, sooner and without a gradient.

        Args:
            z: (5, n, 9) from `standardised`.
            summary: (n, 63) from `labelling.statistics`, which several networks can share.

        Returns:
            (n, 4)
        """
        weight = next(self.each.parameters())
        seen = self.each(z.to(weight).flatten(end_dim=1)).unflatten(0, z.shape[:2])
        pooled = (seen.mean(dim=0), seen.amax(dim=0), summary.to(weight))
        logits: Tensor = self.all(torch.cat(pooled, dim=1))
        return logits
