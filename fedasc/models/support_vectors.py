"""A trained kernel machine that labels many samples quickly, on a CPU or an accelerator."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fedasc.arithmetic.functions import exp, in_order, sigmoid
from fedasc.arithmetic.product import panels, product
from fedasc.arithmetic.tiles import FEWER_ROWS
from fedasc.audio import FloatArray
from fedasc.models.kernel_sums import add_kernels
from fedasc.models.labelling import CPU, field_values
from fedasc.models.votes import votes

if TYPE_CHECKING:
    from sklearn.calibration import CalibratedClassifierCV
    from torch import Tensor

_VECTORS_AT_ONCE = 60  # short sums in single precision, added in double precision
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
    device: str = CPU

    @classmethod
    def of(cls, fitted: "CalibratedClassifierCV") -> "SupportVectors":
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
        return field_values(self)

    def on(self, device: str) -> "SupportVectors":
        """The same machine on another device of PyTorch."""
        return replace(self, device=device)

    def probabilities(self, inputs: FloatArray) -> FloatArray:
        """(n_samples, n_classes) for finite inputs (n_samples, n_features)."""
        z = np.clip((inputs - self.centre) / self.spread, -_FAR, _FAR)
        margins = self._margins(z) if self.device == CPU else self._margins_elsewhere(z)
        near = np.flatnonzero((np.abs(margins) < _NEAR).any(axis=1))
        margins[near] = self._exact_margins(z[near])
        shares = sigmoid(-(self.slopes * votes(margins, len(self.slopes)) + self.offsets))
        total = in_order(shares)[:, None]
        even = np.full_like(shares, 1 / shares.shape[1])
        probabilities: FloatArray = np.divide(shares, total, out=even, where=total > 0)
        return probabilities

    def _margins(self, z: FloatArray) -> FloatArray:
        """(n_samples, n_pairs) for scaled inputs, in single precision, with compiled sums.

        The exponent -γ·|z - vector|² is itself one product: of z, 1 and |z|² with 2γ·vector,
        -γ·|vector|² and -γ.
        """
        samples = z.astype(np.float32)
        factors = np.ones((z.shape[1] + 2, len(z)), np.float32)
        factors[:-2] = samples.T
        factors[-1] = in_order(np.square(samples))
        packed = panels(factors)
        vectors, coefficients = self._chunks
        sums = np.zeros((coefficients.shape[1], packed.shape[0] * packed.shape[2]))
        add_kernels(packed, vectors, coefficients, sums)
        margins: FloatArray = sums[: len(self.intercepts), : len(z)].T + self.intercepts
        return margins

    def _margins_elsewhere(self, z: FloatArray) -> FloatArray:
        """The same up to rounding, on a device of PyTorch."""
        import torch

        with torch.inference_mode():
            inputs = torch.from_numpy(z).to(self.device, torch.float32)
            ones = torch.ones_like(inputs[:, :1])
            squares = inputs.square().sum(dim=1, keepdim=True)
            factors = torch.cat([inputs, ones, squares], dim=1)
            total = torch.zeros(
                (len(z), len(self.intercepts)), dtype=torch.float64, device=self.device
            )
            for vectors, coefficients in zip(*self._tensors, strict=True):
                rows = coefficients[: len(self.intercepts)]
                total += (factors @ vectors.T).exp_() @ rows.T
            margins: FloatArray = total.cpu().numpy() + self.intercepts
        return margins

    def _exact_margins(self, z: FloatArray) -> FloatArray:
        """(n_samples, n_pairs) in double precision."""
        products = product(self.vectors, np.ascontiguousarray(z.T))
        squares = in_order(np.square(self.vectors))[:, None]
        kernels = exp(-self.gamma * (squares - 2 * products + in_order(np.square(z))))
        margins: FloatArray = product(self.coefficients.T, kernels).T + self.intercepts
        return margins

    @cached_property
    def _chunks(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Support vectors, (n_chunks, n, n_features + 2), and coefficients, (n_chunks, n_rows, n).

        The last chunk is filled up with vectors that count for nothing, and the rows of pairs with
        zeros up to whole tiles.
        """
        squares = in_order(np.square(self.vectors))[:, None]
        vectors = np.concatenate([2 * self.vectors, -squares, -np.ones_like(squares)], axis=1)
        n_missing = -len(vectors) % _VECTORS_AT_ONCE
        n_pairs = self.coefficients.shape[1]
        chunks = [
            np.pad(rows, [(0, n_missing), (0, n_columns)])
            .astype(np.float32)
            .reshape(-1, _VECTORS_AT_ONCE, rows.shape[1] + n_columns)
            for rows, n_columns in (
                (self.gamma * vectors, 0),
                (self.coefficients, -n_pairs % FEWER_ROWS),
            )
        ]
        return chunks[0], np.ascontiguousarray(chunks[1].transpose(0, 2, 1))

    @cached_property
    def _tensors(self) -> "tuple[Tensor, Tensor]":
        """The same on the device."""
        import torch

        vectors, coefficients = (torch.from_numpy(part).to(self.device) for part in self._chunks)
        return vectors, coefficients
