"""How good a bank is: accuracy on windows of groups that were not learnt from."""

import json
from dataclasses import replace
from functools import reduce
from operator import add
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from threadpoolctl import threadpool_limits

from fedasc.audio.bank import FilterBank
from fedasc.bank_search.folds import TRAINING, folds_of
from fedasc.bank_search.settings import SearchSettings
from fedasc.corpus.division import Division
from fedasc.corpus.features import listen
from fedasc.models.samples import Samples, TrainingSet
from fedasc.models.training import EmbeddedSettings, train
from fedasc.seeds import Purpose
from fedasc.shelves import BANKS


class CrossValidated:
    """Accuracy of a classifier across folds of the training part, which share no group.

    Every bank is judged on the same windows and with the same draws. What was judged is cached, so
    that a search that was interrupted is soon where it was.

    Args:
        division: Corpus and split.
        settings: What learns, and from how much.
        embedded: How C1 is trained, but once and to the last epoch, for lack of other windows to
            choose by.
    """

    def __init__(
        self, division: Division, settings: SearchSettings, *, embedded: EmbeddedSettings
    ) -> None:
        self._division = division
        self._objective = settings.objective
        self._embedded = replace(
            embedded,
            n_epochs=min(embedded.n_epochs, settings.n_epochs),
            keep="last",
            n_restarts=1,
        )
        self._folds = folds_of(division, settings.n_folds, settings.n_windows)
        self._inputs = (
            *division.origin,
            *(settings.objective, settings.n_folds, settings.n_windows),
            self._embedded if settings.objective == "embedded" else None,
        )

    def __call__(self, bank: FilterBank) -> float:
        def make(folder: Path) -> None:
            (folder / "accuracy.json").write_text(json.dumps(self._accuracy(bank)))

        folder = BANKS.entry(*self._inputs, bank).made(make)
        return float(json.loads((folder / "accuracy.json").read_text()))

    def _accuracy(self, bank: FilterBank) -> float:
        heard = [
            Samples(listen(bank, self._division.clips, windows), windows.scene)
            for windows in self._folds
        ]
        accuracies = []
        for number, test in enumerate(heard):
            others = reduce(add, (each for i, each in enumerate(heard) if i != number))
            accuracies.append(test.accuracy(self._predicted(others, test, number)))
        return float(np.mean(accuracies))

    def _predicted(self, learnt: Samples, test: Samples, number: int) -> NDArray[np.int64]:
        if self._objective == "lda":
            return lda_predictions(learnt, test)
        seed = self._division.streams.sequence(Purpose.BANK_SEARCH, TRAINING, number)
        nothing = Samples.none(learnt.x.shape[1])
        return train(self._embedded, TrainingSet(learnt, nothing), seed=seed).predict(test.x)


def lda_predictions(learnt: Samples, test: Samples) -> NDArray[np.int64]:
    """Scenes by linear discriminant analysis."""
    with threadpool_limits(1):
        analysis = LinearDiscriminantAnalysis().fit(learnt.x.astype(np.float64), learnt.scene)
        predicted: NDArray[np.int64] = analysis.predict(test.x.astype(np.float64))
    return predicted
