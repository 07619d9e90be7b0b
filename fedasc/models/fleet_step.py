"""Steps of training for many embedded classifiers at once, in batched operations of PyTorch.

The arithmetic is that of `fedasc.models.training_kernel`. Every tensor's first dimension is the
classifiers'. Samples that a classifier's batch lacks are zeros, and a classifier whose batch has
less than two stays as it is.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from fedasc.models.embedded import BATCH_NORM_EPSILON, N_HIDDEN, N_INPUTS
from fedasc.scenes import N_SCENES

_MOMENTUM = 0.1
_FIRST_DECAY = 0.9
_SECOND_DECAY = 0.999
_ADAM_EPSILON = 1e-8
_NEXT_TO_NOTHING = 1e-30


@dataclass(frozen=True, eq=False)
class Batches:
    """A batch for each of the classifiers.

    Args:
        x: (n_classifiers, batch_size, n_inputs) inputs of the first layer.
        targets: (n_classifiers, batch_size, n_outputs) weight of each class in the loss.
        stays: (n_classifiers, batch_size, n_hidden) whether a hidden output is not dropped.
        n: (n_classifiers,) samples in each, the first of the batch.
        rates: (n_classifiers,) learning rates with Adam's correction of the first moments.
        corrections: (n_classifiers,) Adam's of the second moments' roots.
    """

    x: Tensor
    targets: Tensor
    stays: Tensor
    n: Tensor
    rates: Tensor
    corrections: Tensor


class Stack:
    """Classifiers in training.

    Args:
        numbers: (n_classifiers, n_numbers) all arrays of each, flat; trained in place.
        dropout: Share of hidden outputs dropped.
    """

    def __init__(self, numbers: Tensor, dropout: float) -> None:
        self.numbers = numbers
        self._keep = 1 / (1 - dropout)
        self._moments = torch.zeros_like(numbers[:, 2 * N_INPUTS :])
        self._squares = torch.zeros_like(self._moments)

    def parts(self) -> list[Tensor]:
        """Views of mean, variance, scale, shift, and weights and biases of both layers."""
        n = len(self.numbers)
        sizes = [*[N_INPUTS] * 4, N_INPUTS * N_HIDDEN, N_HIDDEN, N_HIDDEN * N_SCENES, N_SCENES]
        parts = list(torch.split(self.numbers, sizes, dim=1))
        parts[4] = parts[4].view(n, N_INPUTS, N_HIDDEN)
        parts[6] = parts[6].view(n, N_HIDDEN, N_SCENES)
        return parts

    def step(self, batches: Batches) -> None:
        """One step of Adam (Kingma and Ba 2015)."""
        active = (batches.n >= 2)[:, None]
        slopes = self._gradient(batches, active)
        moments = _FIRST_DECAY * self._moments + (1 - _FIRST_DECAY) * slopes
        moments = torch.where(moments.abs() < _NEXT_TO_NOTHING, 0, moments)
        squares = _SECOND_DECAY * self._squares + (1 - _SECOND_DECAY) * slopes * slopes
        change = batches.rates[:, None] * moments
        change /= squares.sqrt() * batches.corrections[:, None] + _ADAM_EPSILON
        parameters = self.numbers[:, 2 * N_INPUTS :]
        parameters -= torch.where(active, change, 0)
        self._moments = torch.where(active, moments, self._moments)
        self._squares = torch.where(active, squares, self._squares)

    def _gradient(self, batches: Batches, active: Tensor) -> Tensor:
        """(n_classifiers, n_parameters) of the loss; running statistics follow the batches."""
        mean, variance, scale, shift, weights, biases, output_weights, output_biases = self.parts()
        n = batches.n.to(batches.x.dtype)[:, None]
        places = torch.arange(batches.x.shape[1], device=n.device)
        present = (places < n)[:, :, None]
        batch_mean = batches.x.sum(dim=1) / n.clamp(min=1)
        x = torch.where(present, batches.x - batch_mean[:, None], 0)
        squares = (x * x).sum(dim=1)
        mean += torch.where(active, _MOMENTUM * (batch_mean - mean), 0)
        unbiased = squares / (n - 1).clamp(min=1)
        variance += torch.where(active, _MOMENTUM * (unbiased - variance), 0)
        x *= (1 / (squares / n.clamp(min=1) + BATCH_NORM_EPSILON).sqrt())[:, None]

        folded = scale[:, :, None] * weights
        bias = torch.baddbmm(biases[:, None], shift[:, None], weights)
        hidden = torch.baddbmm(bias, x, folded)
        stays = batches.stays & (hidden > 0)
        hidden = torch.where(stays, hidden * self._keep, 0)
        scores = torch.baddbmm(output_biases[:, None], hidden, output_weights)
        targets = batches.targets
        back = scores.softmax(dim=2) * targets.sum(dim=2, keepdim=True) - targets
        back /= n.clamp(min=1)[:, :, None]
        d_output_weights = hidden.mT @ back
        at_hidden = torch.where(stays, back @ output_weights.mT * self._keep, 0)
        product, sums = x.mT @ at_hidden, at_hidden.sum(dim=1)
        d_weights = scale[:, :, None] * product + shift[:, :, None] * sums[:, None]
        return torch.cat(
            [
                (weights * product).sum(dim=2),
                (weights * sums[:, None]).sum(dim=2),
                d_weights.flatten(1),
                sums,
                d_output_weights.flatten(1),
                back.sum(dim=1),
            ],
            dim=1,
        )

    def predict(self, x: Tensor) -> Tensor:
        """(n_classifiers, n_samples) likely scenes of inputs x (n_classifiers, n_samples, 45)."""
        mean, variance, scale, shift, weights, biases, output_weights, output_biases = self.parts()
        deviation = (variance + BATCH_NORM_EPSILON).sqrt()
        x = (x - mean[:, None]) / deviation[:, None] * scale[:, None] + shift[:, None]
        hidden = torch.baddbmm(biases[:, None], x, weights).clamp(min=0)
        return torch.baddbmm(output_biases[:, None], hidden, output_weights).argmax(dim=2)
