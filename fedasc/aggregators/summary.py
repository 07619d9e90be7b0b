"""The summary: all that leaves a device."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from fedasc.aggregators.content import Arrays, Content
from fedasc.aggregators.encoding import PLAIN, Encoding
from fedasc.errors import MessageError


@dataclass(frozen=True, eq=False)
class Summary:
    """What a device tells of its day, as it goes over the wire.

    Args:
        kind: What the arrays stand for.
        arrays: By name; all of it.
        n_windows: How many windows it was made of.
        encoding: How the content was written.

    Raises:
        MessageError: If no windows were heard, or the arrays stand for nothing of that kind.
    """

    kind: type[Content]
    arrays: Arrays
    n_windows: int
    encoding: Encoding = PLAIN

    def __post_init__(self) -> None:
        if self.n_windows < 1:
            raise MessageError(f"summary: expected at least one window, got {self.n_windows}")
        _ = self.content

    @classmethod
    def of(cls, content: Content, n_windows: int, *, encoding: Encoding = PLAIN) -> "Summary":
        """The summary that says this."""
        encoded = encoding.encode(content)
        # Row after row, as they arrive: the bits of what is made of them could depend on it.
        arrays = {name: np.asarray(array, order="C") for name, array in encoded.items()}
        return cls(type(content), arrays, n_windows, encoding)

    @cached_property
    def content(self) -> Content:
        """What the server reads."""
        return self.encoding.decode(self.kind, self.arrays)

    @property
    def n_bytes(self) -> int:
        """Size of the numbers on the wire."""
        return sum(array.nbytes for array in self.arrays.values())
