"""Passes over training samples: in what order batches take them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fedasc.models.samples import Samples

Places = NDArray[np.int64]


@dataclass(frozen=True)
class Rehearsed:
    """Samples that many classifiers rehearse beside new ones; equal if they are the same object.

    Args:
        samples: One object for all who rehearse it, so that it is laid out once.
        share: How much of them a pass over the new ones takes, from 0 to 1. What they count
            doesn't depend on it.
    """

    samples: Samples
    share: float = 1.0


@dataclass(frozen=True)
class Passes:
    """How batches take known samples, at the places 0 to n_known - 1, and new ones, after them.

    Where a pass takes them all, they are shuffled anew for each pass. Where it takes a share of the
    known ones, both kinds are shuffled once (Mishchenko, Khaled and Richtárik 2020) and taken in
    turn, round and round, and every batch has as many of each kind as the next. Since these are
    hardly ever a divisor of all, others come together in each pass.

    Args:
        n_known: Samples that are rehearsed.
        n_new: Samples of this classifier alone.
        share: Of the known ones in each pass.
        batch_size: Samples of a batch; the last one of what is shuffled anew may have fewer.
    """

    n_known: int
    n_new: int
    share: float
    batch_size: int

    @classmethod
    def over(cls, new: Samples, rehearsed: Rehearsed | None, batch_size: int) -> "Passes":
        """Those over new samples, and what is rehearsed beside them."""
        if rehearsed is None:
            return cls(0, len(new), 1.0, batch_size)
        return cls(len(rehearsed.samples), len(new), rehearsed.share, batch_size)

    @property
    def n_batches(self) -> int:
        """Of each pass; one of a single sample doesn't count, since it has no deviation."""
        if self.in_turn:
            return max(round(self.n_new / self.n_new_of_batch), 1)
        n_full, n_left = divmod(self.n_known + self.n_new, self.batch_size)
        return n_full + (n_left >= 2)

    @property
    def n_samples(self) -> int:
        """Of each pass."""
        return self.n_batches * self.batch_size if self.in_turn else self.n_known + self.n_new

    def orders(self, rng: np.random.Generator) -> Iterator[Places]:
        """(n_samples,) places of each pass, batch after batch; there is no last pass."""
        if not self.in_turn:
            while True:
                yield rng.permutation(self.n_samples)
        known, new = self.decks(rng)
        n_new, start = self.n_new_of_batch, 0
        while True:
            batches = np.arange(start, start + self.n_batches)
            some = _in_turn(known, batches, self.batch_size - n_new), _in_turn(new, batches, n_new)
            yield np.concatenate(some, axis=1).ravel()
            start += self.n_batches

    @property
    def in_turn(self) -> bool:
        """Whether both kinds are taken in turn, and not all shuffled anew for each pass."""
        return self.share < 1 and min(self.n_known, self.n_new) > 0

    @property
    def n_new_of_batch(self) -> int:
        """New samples of each batch where both kinds are taken in turn."""
        part = self.n_new / (self.n_new + self.share * self.n_known)
        return min(max(round(self.batch_size * part), 1), self.batch_size - 1)

    @property
    def weight(self) -> float:
        """Of a new sample, by which new and known ones count as if a pass took them all."""
        if not self.in_turn:
            return 1.0
        n_new = self.n_new_of_batch
        return self.n_new * (self.batch_size - n_new) / (self.n_known * n_new)

    def decks(self, rng: np.random.Generator) -> tuple[Places, Places]:
        """Places of what is known and of what isn't, as they are taken in turn."""
        return rng.permutation(self.n_known), self.n_known + rng.permutation(self.n_new)


def _in_turn(places: Places, batches: NDArray[Any], n: int) -> Places:
    """(n_batches, n) of places, of which the k-th batch takes the k-th n, round and round."""
    return places.take(batches[:, None] * n + np.arange(n), mode="wrap")
