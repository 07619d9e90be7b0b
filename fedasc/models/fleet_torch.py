"""Schedule of training many embedded classifiers at once with PyTorch.

A block always has room for `N_TOGETHER`, so that every operation has the same shapes whoever trains
along. Nothing is promised to the last bit all the same: PyTorch's libraries may sum the classifiers
of a batch in different orders. After a few epochs a classifier agrees in any company, and with the
compiled loops, within 1e-4, as tests hold; many steps make the differences grow.
"""

from collections.abc import Sequence
from math import ceil
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from fedasc.errors import SettingsError
from fedasc.models.dropout import draws, epoch_words, threshold
from fedasc.models.embedded import N_HIDDEN, N_INPUTS, EmbeddedClassifier
from fedasc.models.fleet import N_TOGETHER
from fedasc.models.fleet_step import Batches, Stack
from fedasc.models.inputs import inputs_of
from fedasc.models.samples import Samples, TrainingSet
from fedasc.models.training import Attempt, EmbeddedSettings, classifier, exact_statistics
from fedasc.scenes import N_SCENES

_N_JUDGED = 256

Training = tuple[TrainingSet, Attempt]


def train_together(
    settings: EmbeddedSettings, trainings: Sequence[Training], device: str
) -> list[EmbeddedClassifier]:
    """Train classifiers in blocks of `N_TOGETHER`, which bounds the memory.

    Args:
        trainings: Samples, and what is drawn for them.
        device: Of PyTorch.

    Raises:
        SettingsError: If PyTorch has no such device here.
    """
    try:
        place = torch.zeros(0, device=device).device
    except (RuntimeError, AssertionError) as error:
        raise SettingsError(f"device: PyTorch has no {device!r} here; cpu always works") from error
    # of about the same size, so that none waits for many steps of others
    by_size = sorted(range(len(trainings)), key=lambda k: len(trainings[k][0].training))
    classifiers: dict[int, EmbeddedClassifier] = {}
    for start in range(0, len(by_size), N_TOGETHER):
        block = by_size[start : start + N_TOGETHER]
        with torch.inference_mode():
            trained = _Block(settings, [trainings[k] for k in block], place).train()
        classifiers.update(zip(block, trained, strict=True))
    return [classifiers[k] for k in range(len(trainings))]


class _Block:
    """Classifiers that train together."""

    def __init__(
        self, settings: EmbeddedSettings, trainings: Sequence[Training], device: torch.device
    ) -> None:
        self._settings, self._trainings, self._device = settings, trainings, device
        sets = [samples.training for samples, _ in trainings]
        self._n = np.zeros(N_TOGETHER, np.int64)
        self._n[: len(sets)] = [len(samples) for samples in sets]
        places = [np.flatnonzero([other is samples for other in sets])[0] for samples in sets]
        unique = sorted(set(places))
        sizes = [len(sets[place]) for place in unique]
        starts = dict(zip(unique, np.cumsum([0, *sizes[:-1]]), strict=True))
        self._starts = [starts[place] for place in places]
        self._nowhere = sum(sizes)
        nothing = np.zeros((1, N_INPUTS), np.float32), np.zeros((1, N_SCENES), np.float32)
        inputs = [inputs_of(sets[k].x, settings.inputs) for k in unique]
        self._x = self._there(np.concatenate([*inputs, nothing[0]]))
        self._targets = self._there(
            np.concatenate([*[sets[k].targets() for k in unique], nothing[1]])
        )
        numbers = [
            np.concatenate([array.ravel() for array in attempt.start.arrays().values()])
            for _, attempt in trainings
        ]
        numbers += [np.zeros_like(numbers[0])] * (N_TOGETHER - len(numbers))
        self._stack = Stack(self._there(np.stack(numbers)), settings.dropout)

    def _there(self, array: NDArray[Any]) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(array)).to(self._device)

    def train(self) -> list[EmbeddedClassifier]:
        """Each one's numbers that count."""
        settings, numbers = self._settings, self._stack.numbers
        total = torch.zeros_like(numbers, dtype=torch.float64)
        judge = _Judge(
            [samples.validation for samples, _ in self._trainings if settings.keep == "best"],
            settings,
            self._device,
        )
        for epoch in range(settings.n_epochs):
            self._train_epoch(epoch)
            if settings.keep == "best":
                better = judge.as_good_as_ever(self._stack)
                total = torch.where(better[:, None], numbers, total)
            elif epoch >= settings.n_epochs - settings.n_counted:
                total += numbers
        kept = (total / settings.n_counted).float().cpu().numpy()
        exact = settings.standardisation == "exact"
        return [
            classifier(
                weights,
                settings.inputs,
                exact_statistics(inputs_of(samples.training.x, settings.inputs)) if exact else None,
            )
            for weights, (samples, _) in zip(kept, self._trainings, strict=False)
        ]

    def _train_epoch(self, epoch: int) -> None:
        size, rate = self._settings.batch_size, self._settings.learning_rate
        n_batches = ceil(self._n.max() / size)
        orders = np.full((N_TOGETHER, n_batches * size), self._nowhere)
        words = np.zeros((N_TOGETHER, 2), np.int64)
        for k, (_, attempt) in enumerate(self._trainings):
            orders[k, : self._n[k]] = self._starts[k] + attempt.orders.permutation(self._n[k])
            words[k] = epoch_words(attempt.key, epoch)
        n = np.clip(self._n - size * np.arange(n_batches)[:, None], 0, size)
        per_epoch = (self._n // size) + (self._n % size >= 2)
        steps = np.maximum(epoch * per_epoch + (n >= 2).cumsum(axis=0), 1)
        there = self._there(orders), self._there(words), self._there(n)
        rates = self._there((rate / (1 - 0.9**steps)).astype(np.float32))
        corrections = self._there((1 / np.sqrt(1 - 0.999**steps)).astype(np.float32))
        for batch in range(n_batches):
            rows = there[0][:, batch * size : (batch + 1) * size]
            self._stack.step(
                Batches(
                    self._x[rows],
                    self._targets[rows],
                    self._stays(there[1], batch * size),
                    there[2][batch],
                    rates[batch],
                    corrections[batch],
                )
            )

    def _stays(self, words: Tensor, start: int) -> Tensor:
        """(n_classifiers, batch_size, n_hidden) whether a hidden output is not dropped."""
        position = start + torch.arange(self._settings.batch_size, device=self._device)[:, None]
        unit = torch.arange(N_HIDDEN, device=self._device)
        first, second = words[:, None, None].unbind(dim=3)
        return draws((first, second), position, unit) >= threshold(self._settings.dropout)


class _Judge:
    """Remembers how well classifiers did on their validation samples."""

    def __init__(
        self, samples: Sequence[Samples], settings: EmbeddedSettings, device: torch.device
    ) -> None:
        n = ceil(max(map(len, samples), default=0) / _N_JUDGED) * _N_JUDGED
        x = np.zeros((N_TOGETHER, n, N_INPUTS), np.float32)
        scenes = np.full((N_TOGETHER, n), -1)
        for k, each in enumerate(samples):
            x[k, : len(each)] = inputs_of(each.x, settings.inputs)
            scenes[k, : len(each)] = each.scene
        self._x = torch.split(torch.from_numpy(x).to(device), _N_JUDGED, dim=1)
        self._scenes = torch.split(torch.from_numpy(scenes).to(device), _N_JUDGED, dim=1)
        self._most = torch.zeros(N_TOGETHER, dtype=torch.int64, device=device)

    def as_good_as_ever(self, stack: Stack) -> Tensor:
        """(n_classifiers,) whether each hits as many scenes as in any epoch before."""
        hits = torch.zeros_like(self._most)
        for x, scenes in zip(self._x, self._scenes, strict=True):
            hits += (stack.predict(x) == scenes).sum(dim=1)
        as_good = hits >= self._most
        self._most = torch.maximum(hits, self._most)
        return as_good
