"""What a summary says: a kind of value that strategies can use."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

Arrays = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, eq=False, kw_only=True)
class Claims:
    """What a content says of the windows behind it, so that it can be doubted.

    Args:
        points: (n_points, n_features) where windows were, in dB: they themselves, or their means.
        spreads: (n_points, n_features) standard deviations about these, in dB.
        n_windows: How many there were.
    """

    points: NDArray[np.floating[Any]] | None = None
    spreads: NDArray[np.floating[Any]] | None = None
    n_windows: int | None = None


@dataclass(frozen=True, eq=False)
class Content:
    """Root of all kinds of summaries; a kind is a frozen dataclass of arrays.

    A strategy declares which kinds it accepts, and accepts what derives from them too. What a kind
    holds is checked when it is built, since it may have come from anywhere.
    """

    kind: ClassVar[str]
    """Its name for messages to people, in the plural."""

    def arrays(self) -> Arrays:
        """What goes over the wire, and nothing else does."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @classmethod
    def of_arrays(cls, arrays: Arrays) -> Self:
        """What went over the wire (see `arrays`).

        Raises:
            MessageError: If the arrays are no such content.
        """
        return cls(**arrays)

    def parameters(self) -> Arrays:
        """The same in numbers of which each may move by a little without harm, to be rounded.

        Weights and variances, for example, as logarithms. Arrays of integers are never rounded.
        """
        return self.arrays()

    @classmethod
    def of_parameters(cls, parameters: Arrays) -> Self:
        """What `parameters` stand for, in float32 and as they came or a little moved.

        Raises:
            MessageError: If they are no such content.
        """
        return cls.of_arrays(parameters)

    def claims(self) -> Claims:
        """What it says of the windows behind it; by default nothing that can be doubted.

        A server lets no content in that says what no day can have been (see `fedasc.admission`).
        """
        return Claims()


class Components(Content, ABC):
    """A kind that consists of components, each of which stands for some of the windows.

    An aggregator that sends such a kind says how many stand behind each (see
    `fedasc.aggregators.draft`), and only those with enough of them leave the device.
    """

    @property
    @abstractmethod
    def n_components(self) -> int:
        """How many there are."""

    @abstractmethod
    def of_components(self, some: NDArray[np.bool_]) -> Self:
        """The same without the other components, as if nothing else had been heard.

        Args:
            some: (n_components,) which stay, one at least.
        """
