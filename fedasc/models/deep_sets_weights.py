"""The numbers of a network of Deep Sets, as arrays: who only labels needs no PyTorch."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fedasc.audio.bank import VECTORS_PER_SEQUENCE
from fedasc.models.network_files import Arrays
from fedasc.scenes import N_SCENES

if TYPE_CHECKING:
    from fedasc.models.deep_sets_network import Network

N_FEATURES = 9
N_STATISTICS = (2 + VECTORS_PER_SEQUENCE) * N_FEATURES
EPSILON = 1e-5
"""Added to the variances of the layer normalisation."""

DENSE = ("each.0", "each.2", "all.0", "all.4", "all.7")
"""Dense layers in order: two for each vector, three after the pooling."""

NORM = "all.1"


@dataclass(frozen=True, eq=False)
class NetworkWeights:
    """Centre, spread and layers of a network.

    Args:
        arrays: float32, by the names that `fedasc.models.deep_sets_network.Network` has for them.

    Raises:
        ValueError: If one is missing, is one too many or has another shape.
    """

    arrays: Arrays

    def __post_init__(self) -> None:
        shapes = {name: array.shape for name, array in self.arrays.items()}
        if shapes != _shapes(self.n_hidden):
            raise ValueError("these aren't the arrays of a network of Deep Sets")
        object.__setattr__(self, "arrays", MappingProxyType(_locked(self.arrays)))

    def __reduce__(self) -> tuple[Any, ...]:
        return NetworkWeights, (dict(self.arrays),)

    @classmethod
    def of(cls, network: "Network") -> "NetworkWeights":
        """Those of a trained network."""
        return cls({name: part.cpu().numpy() for name, part in network.state_dict().items()})

    def network(self) -> "Network":
        """A network that has learnt them."""
        import torch

        from fedasc.models.deep_sets_network import Network

        network = Network(self.n_hidden)
        network.load_state_dict(
            {name: torch.from_numpy(array.copy()) for name, array in self.arrays.items()}
        )
        return network.eval()

    @property
    def n_hidden(self) -> int:
        """Outputs of the layers before the pooling."""
        return len(self.arrays.get(f"{DENSE[0]}.bias", ()))


def _shapes(n_hidden: int) -> Mapping[str, tuple[int, ...]]:
    after = 2 * n_hidden
    outputs = (n_hidden, n_hidden, after, n_hidden, N_SCENES)
    inputs = (N_FEATURES, n_hidden, after + N_STATISTICS, after, n_hidden)
    shapes: dict[str, tuple[int, ...]] = {"centre": (N_FEATURES,), "spread": (N_FEATURES,)}
    for name, n_outputs, n_inputs in zip(DENSE, outputs, inputs, strict=True):
        shapes |= {f"{name}.weight": (n_outputs, n_inputs), f"{name}.bias": (n_outputs,)}
    return shapes | {f"{NORM}.weight": (after,), f"{NORM}.bias": (after,)}


def _locked(arrays: Arrays) -> dict[str, NDArray[np.float32]]:
    locked = {name: np.asarray(array, np.float32).view() for name, array in arrays.items()}
    for array in locked.values():
        array.flags.writeable = False
    return locked
