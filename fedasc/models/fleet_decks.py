"""Where the batches of many classifiers find their samples, worked out where these are."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from fedasc.models.passes import Passes, Places

Parts = tuple[int, int]
"""Where the rows of what a classifier knows start, and those of its new samples."""


class Decks:
    """Orders of samples, a row for each classifier.

    What is taken in turn is shuffled and copied to the device once for all passes; what is shuffled
    anew is copied for each of them.

    Args:
        passes: Of each classifier.
        starts: Of each one's samples in the rows of all.
        rngs: Draw the orders of each.
        n_rows: Classifiers there is room for; those without passes find nothing.
        nowhere: Row of what a batch lacks.
        device: Of PyTorch.
    """

    def __init__(
        self,
        passes: Sequence[Passes],
        starts: Sequence[Parts],
        rngs: Sequence[np.random.Generator],
        *,
        n_rows: int,
        nowhere: int,
        device: torch.device,
    ) -> None:
        self._passes, self._starts, self._device = passes, starts, device
        size = passes[0].batch_size
        self.n_batches = np.zeros(n_rows, np.int64)
        self.n_batches[: len(passes)] = [each.n_batches for each in passes]
        width = max(-(-each.n_samples // size) * size for each in passes)
        width = max(width, *(each.n_known + each.n_new for each in passes))
        decks = np.full((n_rows, width), nowhere)
        # of each row: how many the first kind has, how many of it a batch takes, and of the second
        kinds = np.tile([width, size, 1, 0], (n_rows, 1))
        self._orders: dict[int, Iterator[Places]] = {}
        for k, (each, rng) in enumerate(zip(passes, rngs, strict=True)):
            if each.in_turn:
                order, n_new = np.concatenate(each.decks(rng)), each.n_new_of_batch
                decks[k, : len(order)] = self._rows(k, order)
                kinds[k] = each.n_known, size - n_new, each.n_new, n_new
            else:
                self._orders[k] = each.orders(rng)
        self._decks = self._there(decks)
        self._kinds = [self._there(column)[:, None] for column in kinds.T]
        self._places = torch.arange(size, device=device)
        self._first = self._there(self.n_batches)[:, None]

    def start(self, n_passes: int) -> None:
        """Begin a pass, before which there were so many."""
        done = n_passes * self.n_batches
        for k, orders in self._orders.items():
            order = self._rows(k, next(orders))
            self._decks[k, : len(order)] = self._there(order)
            done[k] = 0
        self._first = self._there(done)[:, None]

    def rows(self, batch: int) -> Tensor:
        """(n_rows, batch_size) where a batch of the pass finds its samples."""
        n_first, of_first, n_second, of_second = self._kinds
        done, places = self._first + batch, self._places
        first = (done * of_first + places) % n_first
        second = n_first + (done * of_second + places - of_first) % n_second
        return self._decks.gather(1, torch.where(places < of_first, first, second))

    def _rows(self, k: int, places: Places) -> Places:
        known, new = self._starts[k]
        n_known = self._passes[k].n_known
        return np.where(places < n_known, known + places, new + places - n_known)

    def _there(self, array: NDArray[Any]) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(array)).to(self._device)
