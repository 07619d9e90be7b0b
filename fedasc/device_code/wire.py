"""A device's bytes as the server's summary."""

import numpy as np

from fedasc.aggregators.content import Content
from fedasc.aggregators.scene_mixture import SceneMixture
from fedasc.aggregators.summary import Summary
from fedasc.errors import MessageError
from fedasc.models.embedded import N_INPUTS
from fedasc.release.release import Release

_TYPES = {32: "<f4", 16: "<f2", 8: "u1"}
_ENDS = np.dtype("<f4")


def summary_bytes(summary: Summary) -> bytes:
    """The numbers of a summary, array after array, as they go over the wire."""
    return b"".join(np.asarray(array).tobytes() for array in summary.arrays.values())


def summary_of_bytes(
    content: bytes, *, kind: type[Content], n_windows: int, bits: int = 32
) -> Summary:
    """The summary that a device wrote (see `summary_bytes`).

    Args:
        content: Of a mixture of variances, or of one with scenes.
        kind: Which of the two.
        n_windows: How many were heard.
        bits: Of each number.

    Raises:
        MessageError: If it is none.
    """
    dtype = np.dtype(_TYPES[bits])
    with_scenes = issubclass(kind, SceneMixture)
    n_ends = 2 * _ENDS.itemsize if bits == 8 else 0
    size = (1 + 2 * N_INPUTS) * dtype.itemsize + with_scenes
    n, rest = divmod(len(content) - 3 * n_ends, size)
    if rest or n < 1:
        raise MessageError(f"summary: {len(content)} bytes are no {kind.kind} in {bits} bits")
    arrays, at = {}, 0

    def taken(shape: tuple[int, ...], what: np.dtype) -> np.ndarray:
        nonlocal at
        array = np.frombuffer(content, what, int(np.prod(shape)), at).reshape(shape).copy()
        at += array.nbytes
        return array

    for name, shape in (
        ("weights", (n,)),
        ("means", (n, N_INPUTS)),
        ("covariances", (n, N_INPUTS)),
    ):
        arrays[name] = taken(shape, dtype)
        if n_ends:
            arrays[f"{name} range"] = taken((2,), _ENDS)
    if with_scenes:
        arrays["scene"] = taken((n,), np.dtype(np.int8))
    return Summary(kind, arrays, n_windows, Release(bits=bits).encoding)
