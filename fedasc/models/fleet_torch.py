"""Schedule of training many embedded classifiers at once with PyTorch.

A block always has room for `N_TOGETHER`, so that every operation has the same shapes whoever trains
along. Nothing is promised to the last bit all the same: PyTorch's libraries may sum the classifiers
of a batch in different orders. After a few epochs a classifier agrees in any company, and with the
compiled loops, within 1e-4, as tests hold; many steps make the differences grow.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from math import ceil
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from fedasc.errors import SettingsError
from fedasc.models.dropout import draws, epoch_words, threshold
from fedasc.models.embedded import N_HIDDEN, N_INPUTS, EmbeddedClassifier, Weights
from fedasc.models.fleet import N_TOGETHER
from fedasc.models.fleet_decks import Decks
from fedasc.models.fleet_step import Batches, Stack
from fedasc.models.inputs import inputs_of
from fedasc.models.passes import Passes, Rehearsed
from fedasc.models.samples import Samples, TrainingSet
from fedasc.models.training import Attempt, EmbeddedSettings, classifier, exact_statistics
from fedasc.scenes import N_SCENES

_N_JUDGED = 256

Part = tuple[Samples, float]
"""Samples, and what each of them weighs."""


@dataclass(frozen=True, eq=False)
class Training:
    """One training of a job."""

    samples: TrainingSet
    attempt: Attempt
    rehearsed: Rehearsed | None = None

    def passes(self, batch_size: int) -> Passes:
        """Over its samples."""
        return Passes.over(self.samples.training, self.rehearsed, batch_size)

    def parts(self, batch_size: int) -> list[Part]:
        """What it is trained on: what is known, if anything, and what is new."""
        new = self.samples.training, self.passes(batch_size).weight
        return [new] if self.rehearsed is None else [(self.rehearsed.samples, 1.0), new]


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
    by_size = sorted(
        range(len(trainings)), key=lambda k: trainings[k].passes(settings.batch_size).n_samples
    )
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
        size = settings.batch_size
        passes = [training.passes(size) for training in trainings]
        parts = [training.parts(size) for training in trainings]
        starts: dict[Part, int] = {}
        nowhere = 0
        for part in chain.from_iterable(parts):
            if part not in starts:
                starts[part] = nowhere
                nowhere += len(part[0])
        nothing = np.zeros((1, N_INPUTS), np.float32), np.zeros((1, N_SCENES), np.float32)
        inputs = [inputs_of(samples.x, settings.inputs) for samples, _ in starts]
        targets = [samples.weighted(weight).targets() for samples, weight in starts]
        self._x = self._there(np.concatenate([*inputs, nothing[0]]))
        self._targets = self._there(np.concatenate([*targets, nothing[1]]))
        self._n = np.zeros(N_TOGETHER, np.int64)
        self._n[: len(passes)] = [each.n_samples for each in passes]
        self._decks = Decks(
            passes,
            [(starts[each[0]], starts[each[-1]]) for each in parts],
            [training.attempt.orders for training in trainings],
            n_rows=N_TOGETHER,
            nowhere=nowhere,
            device=device,
        )
        numbers = [
            np.concatenate([array.ravel() for array in attempt.start.arrays().values()])
            for attempt in (training.attempt for training in trainings)
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
            [each.samples.validation for each in self._trainings if settings.keep == "best"],
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
            classifier(weights, settings.inputs, self._exact(training) if exact else None)
            for weights, training in zip(kept, self._trainings, strict=False)
        ]

    def _exact(self, training: Training) -> Weights:
        inputs = self._settings.inputs
        known = training.rehearsed
        new = inputs_of(training.samples.training.x, inputs)
        if known is None:
            return exact_statistics(new[:0], new, 1.0)
        return exact_statistics(inputs_of(known.samples.x, inputs), new, known.share)

    def _train_epoch(self, epoch: int) -> None:
        size, n_batches = self._settings.batch_size, self._decks.n_batches
        self._decks.start(epoch)
        words = np.zeros((N_TOGETHER, 2), np.int64)
        for k, training in enumerate(self._trainings):
            words[k] = epoch_words(training.attempt.key, epoch)
        batches = np.arange(n_batches.max())[:, None]
        n = np.where(batches < n_batches, np.minimum(self._n - size * batches, size), 0)
        steps = epoch * n_batches + np.minimum(batches, np.maximum(n_batches - 1, 0)) + 1
        there = self._there(words), self._there(n)
        rates = self._there((self._settings.learning_rate / (1 - 0.9**steps)).astype(np.float32))
        corrections = self._there((1 / np.sqrt(1 - 0.999**steps)).astype(np.float32))
        for batch in range(len(n)):
            rows = self._decks.rows(batch)
            self._stack.step(
                Batches(
                    self._x[rows],
                    self._targets[rows],
                    self._stays(there[0], batch * size),
                    there[1][batch],
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
