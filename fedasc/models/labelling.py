"""What teachers share when they label: one thread, and samples in blocks of one size.

PyTorch takes seconds to import, so it is imported where it labels; compiled loops need none.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from fedasc.audio import FloatArray
from fedasc.errors import SettingsError
from fedasc.scenes import N_SCENES

if TYPE_CHECKING:
    import torch
    from _typeshed import DataclassInstance

T = TypeVar("T")
F = TypeVar("F", np.float32, np.float64)
Choice = Callable[[T, T], T]
Precision = Literal["float32", "bfloat16"]

# A network that sorts five values (Knuth, The Art of Computer Programming, vol. 3, 5.3.4)
_COMPARISONS = ((0, 3), (1, 4), (0, 2), (1, 3), (0, 1), (2, 4), (1, 2), (3, 4), (2, 3))

CPU = "cpu"
"""As PyTorch calls it."""

_LARGER = 16  # blocks on an accelerator, which is idle while small ones come and go


@contextmanager
def labelling() -> Iterator[None]:
    """No gradients, and from now on one thread, and on CUDA no shortened numbers in convolutions.

    Labels must be the same to the last bit whatever the number of cores and workers, and sums over
    threads end in another order. Nothing of this is given back: other threads may be labelling.
    """
    import torch

    if torch.get_num_threads() != 1:
        torch.set_num_threads(1)
    torch.backends.cudnn.deterministic = True
    torch.backends.cudnn.allow_tf32 = False
    with torch.inference_mode():
        yield


def in_blocks(
    label: Callable[[NDArray[Any]], FloatArray],
    x: NDArray[Any],
    n_samples: int,
    *,
    filled: bool = True,
) -> FloatArray:
    """Label samples, so many at a time.

    The last block is filled up with zeros, so that operations of PyTorch's have the same shapes:
    with another number of rows they may sum in another order. That alone doesn't keep a sample's
    bits, since its place in a block may count too; so products are `fedasc.arithmetic`'s, which
    need no filling.

    Args:
        label: From (n_samples, n_inputs) to (n_samples, 4).
        x: (n, n_inputs)
        n_samples: In a block.
        filled: Whether the last block is filled up.

    Returns:
        (n, 4)

    Raises:
        ValueError: If an input is not finite.
    """
    probabilities = np.empty((len(x), N_SCENES))
    for first in range(0, len(x), n_samples):
        block = x[first : first + n_samples]
        n = len(block)
        if not np.isfinite(block).all():
            raise ValueError("samples to label must be finite")
        if filled and n < n_samples:
            block = np.concatenate([block, np.zeros((n_samples - n, *x.shape[1:]), x.dtype)])
        probabilities[first : first + n] = label(block)[:n]
    return probabilities


def five_ranked(values: Iterable[T], least: Choice[T], most: Choice[T]) -> list[T]:
    """Five arrays or tensors, sorted number by number: faster than a sort along an axis.

    Args:
        least: The smaller numbers of two, such as `np.minimum`.
        most: The larger ones.
    """
    ranked = list(values)
    for lower, upper in _COMPARISONS:
        ranked[lower], ranked[upper] = (
            least(ranked[lower], ranked[upper]),
            most(ranked[lower], ranked[upper]),
        )
    return ranked


def mean_in_order(values: NDArray[F]) -> NDArray[F]:
    """(...) mean over the first axis of (n, ...), whose parts are added one after the other."""
    mean: NDArray[F] = sum(values[1:], values[0]) / len(values)
    return mean


def order_free(z: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n, 63) mean, deviation and sorted values of each feature of vectors z (5, n, 9)."""
    mean = mean_in_order(z)
    deviation = np.sqrt(mean_in_order(np.square(z - mean)))
    return np.concatenate([mean, deviation, *five_ranked(z, np.minimum, np.maximum)], axis=1)


def statistics(z: "torch.Tensor") -> "torch.Tensor":
    """The same in PyTorch, up to rounding."""
    import torch

    mean = z.mean(dim=0)
    deviation = (z - mean).square_().mean(dim=0).sqrt_()
    ranked = five_ranked(z, torch.minimum, torch.maximum)
    return torch.cat([mean, deviation, *ranked], dim=1)


def usable(device: str) -> str:
    """The device, as PyTorch calls it.

    Raises:
        SettingsError: If PyTorch has none of that name on this machine that computes with numbers
            in double precision.
    """
    if device == CPU:
        return device
    import torch

    try:
        torch.zeros(1, dtype=torch.float64, device=device).cpu()
    except (AssertionError, NotImplementedError, RuntimeError, TypeError) as error:
        raise SettingsError(
            f"PyTorch has no device {device!r} with double precision on this machine; "
            "cpu is everywhere"
        ) from error
    return device


def dtype_of(precision: Precision) -> "torch.dtype":
    """What PyTorch calls a precision."""
    import torch

    return {"float32": torch.float32, "bfloat16": torch.bfloat16}[precision]


def block_size(on_cpu: int, device: str) -> int:
    """Samples in a block on a device, of which so many are in one on a CPU."""
    return on_cpu if device.partition(":")[0] == CPU else _LARGER * on_cpu


def field_values(value: "DataclassInstance") -> dict[str, Any]:
    """The fields of a value, to be sent elsewhere without what was derived from them."""
    return {field.name: getattr(value, field.name) for field in fields(value)}
