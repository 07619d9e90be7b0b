"""A trained kernel machine that labels many samples quickly, on a CPU or an accelerator."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import torch
from scipy.special import expit
from sklearn.calibration import CalibratedClassifierCV
from torch import Tensor

from fedasc.audio import FloatArray
from fedasc.models.kernel_machine import votes
from fedasc.models.labelling import its_fields

_VECTORS_AT_ONCE = 64  # short sums in single precision, added in double precision
_NEAR = 1e-3  # ten times the error of margins in single precision
_FAR = 1e6  # standard deviations; a kernel is zero long before


@dataclass(frozen=True, kw_only=True, eq=False)
class SupportVectors:
    """A scaled and calibrated `KernelMachine` as matrix products.

    Kernels are computed in single precision, and once more in double precision for a sample that
    is near the border between two classes, so that it gets the same votes. Probabilities differ
    from scikit-learn's by less than 1e-4.

    Args:
        centre: (n_features,) subtracted from inputs.
        spread: (n_features,) that inputs are divided by.
        vectors: (n_vectors, n_features) scaled alike.
        gamma: Of the radial kernel exp(-γ·|x - vector|²).
        coefficients: (n_vectors, n_pairs) for each pair of classes.
        intercepts: (n_pairs,)
        slopes: (n_classes,) of the sigmoid of each class's score (Platt 1999).
        offsets: (n_classes,) of the sigmoids.
        device: Where the kernels are computed, as PyTorch calls it.
    """

    centre: FloatArray
    spread: FloatArray
    vectors: FloatArray
    gamma: float
    coefficients: FloatArray
    intercepts: FloatArray
    slopes: FloatArray
    offsets: FloatArray
    device: str = "cpu"

    @classmethod
    def of(cls, fitted: CalibratedClassifierCV) -> "SupportVectors":
        """The machine of a pipeline of `StandardScaler` and `KernelMachine`, with its sigmoids."""
        (calibrated,) = fitted.calibrated_classifiers_
        scaler, machine = calibrated.estimator
        return cls(
            centre=scaler.mean_,
            spread=scaler.scale_,
            vectors=machine.support_vectors_,
            gamma=float(machine.gamma),
            coefficients=machine.pair_coefficients(),
            intercepts=machine.intercept_,
            slopes=np.array([sigmoid.a_ for sigmoid in calibrated.calibrators]),
            offsets=np.array([sigmoid.b_ for sigmoid in calibrated.calibrators]),
        )

    def __getstate__(self) -> dict[str, Any]:
        return its_fields(self)

    def on(self, device: str) -> "SupportVectors":
        """The same machine on another device of PyTorch."""
        return replace(self, device=device)

    def probabilities(self, inputs: FloatArray) -> FloatArray:
        """(n_samples, n_classes) for finite inputs (n_samples, n_features)."""
        z = np.clip((inputs - self.centre) / self.spread, -_FAR, _FAR)
        margins = self._margins(z)
        for row in np.flatnonzero((np.abs(margins) < _NEAR).any(axis=1)):
            margins[row] = self._exact_margins(z[row])
        shares = expit(-(self.slopes * votes(margins, len(self.slopes)) + self.offsets))
        total = shares.sum(axis=1, keepdims=True)
        even = np.full_like(shares, 1 / shares.shape[1])
        found: FloatArray = np.divide(shares, total, out=even, where=total > 0)
        return found

    def _margins(self, z: FloatArray) -> FloatArray:
        """(n_samples, n_pairs) for scaled inputs, in single precision.

        The exponent -γ·|z - vector|² is itself one product: of z, 1 and |z|² with 2γ·vector,
        -γ·|vector|² and -γ.
        """
        with torch.inference_mode():
            inputs = torch.from_numpy(z).to(self.device, torch.float32)
            ones = torch.ones_like(inputs[:, :1])
            squares = inputs.square().sum(dim=1, keepdim=True)
            factors = torch.cat([inputs, ones, squares], dim=1)
            total = torch.zeros(
                (len(z), len(self.intercepts)), dtype=torch.float64, device=self.device
            )
            for vectors, coefficients in self._chunks:
                total += (factors @ vectors).exp_() @ coefficients
            margins: FloatArray = total.cpu().numpy() + self.intercepts
        return margins

    def _exact_margins(self, z: FloatArray) -> FloatArray:
        """(n_pairs,) of one sample in double precision."""
        products = np.einsum("vf,f->v", self.vectors, z)  # a BLAS might start threads
        distances = self._squares - 2 * products + np.square(z).sum()
        kernel = np.exp(-self.gamma * distances)
        margins: FloatArray = np.einsum("v,vp->p", kernel, self.coefficients) + self.intercepts
        return margins

    @cached_property
    def _squares(self) -> FloatArray:
        """(n_vectors,) squared lengths."""
        squares: FloatArray = np.square(self.vectors).sum(axis=1)
        return squares

    @cached_property
    def _chunks(self) -> list[tuple[Tensor, Tensor]]:
        """Support vectors, (n_features + 2, n), and their coefficients, (n, n_pairs)."""
        squares = self._squares[:, None]
        vectors = np.concatenate([2 * self.vectors, -squares, -np.ones_like(squares)], axis=1)
        both = (torch.from_numpy(a).float() for a in (self.gamma * vectors, self.coefficients))
        split = (torch.split(tensor.to(self.device), _VECTORS_AT_ONCE) for tensor in both)
        return [(v.T, c) for v, c in zip(*split, strict=True)]
