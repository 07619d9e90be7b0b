"""A dense layer whose outputs don't depend on the samples beside."""

import numpy as np
import torch
from torch import Tensor, nn

from fedasc.arithmetic.product import panels, times_panels


class OrderedLinear(nn.Module):
    """What a trained dense layer does, on a CPU, in single precision and without a gradient.

    PyTorch's own may sum a row in another order in another place of the block.
    """

    def __init__(self, layer: nn.Linear) -> None:
        super().__init__()
        self._n_outputs = layer.out_features
        self._panels = panels(layer.weight.detach().numpy().T)
        self._bias = np.zeros(self._panels.shape[0] * self._panels.shape[2], np.float32)
        self._bias[: self._n_outputs] = layer.bias.detach().numpy()

    def forward(self, x: Tensor) -> Tensor:
        """(..., n_inputs) to (..., n_outputs)."""
        rows = np.ascontiguousarray(x.reshape(-1, x.shape[-1]).numpy())
        outputs = times_panels(rows, self._panels, self._bias)[:, : self._n_outputs]
        return torch.from_numpy(outputs).reshape(*x.shape[:-1], self._n_outputs)


def ordered(module: nn.Module) -> None:
    """Let every dense layer of single precision in a module be an `OrderedLinear`."""
    for name, part in module.named_children():
        if isinstance(part, nn.Linear) and part.weight.dtype == torch.float32:
            setattr(module, name, OrderedLinear(part))
        else:
            ordered(part)
