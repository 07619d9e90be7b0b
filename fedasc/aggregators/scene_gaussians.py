"""Aggregation that the device's own classifier guides (the paper's outlook)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fedasc.aggregators.aggregator import Aggregator, Budget, Stream, pieces
from fedasc.aggregators.draft import ALMOST, Draft, enough, mixture_draft
from fedasc.aggregators.public import Public
from fedasc.aggregators.running import RunningGaussians
from fedasc.aggregators.scene_mixture import SceneMixture
from fedasc.aggregators.stepwise_em import StepwiseEmAggregator
from fedasc.config import check_finite
from fedasc.errors import SettingsError
from fedasc.models.embedded import N_INPUTS, N_MACS, EmbeddedClassifier
from fedasc.scenes import N_SCENES

if TYPE_CHECKING:
    from fedasc.aggregators.stepwise_mixture import StepwiseGaussianMixture


@dataclass(frozen=True, kw_only=True)
class SceneGaussiansAggregator(Aggregator):
    """A small mixture of the windows that the classifier takes for a scene, for each of the scenes.

    What a mixture is fitted for by many steps, which windows belong together, the classifier says
    at once, as well as it can.

    Args:
        n_components: Of each scene: 1 for the mean and the variance of its windows, or more, by
            online expectation maximisation (see `StepwiseGaussianMixture`).
        min_windows: A setting of the fit, as in `GmmAggregator`: components that stand for fewer
            windows are left out. If no scene has so many, the day is one component of the scene
            that was heard most.
        variance_floor_db2: Added to every variance (see `GmmAggregator`).
    """

    kind = SceneMixture

    n_components: int = 1
    min_windows: int = 5
    variance_floor_db2: float = 0.01

    def __post_init__(self) -> None:
        check_finite(self, section="scene-gaussians")
        if min(self.n_components, self.min_windows) < 1:
            raise SettingsError("scene-gaussians: n_components and min_windows must be at least 1")
        if self.variance_floor_db2 <= 0:
            raise SettingsError("scene-gaussians: variance_floor_db2 must be positive")

    def summarise(
        self, stream: Stream, *, classifier: EmbeddedClassifier, public: Public, seed: int
    ) -> Draft[SceneMixture]:
        # As estimators they import scikit-learn, which takes a second.
        from fedasc.aggregators.stepwise_mixture import StepwiseGaussianMixture

        models = [
            StepwiseGaussianMixture(self.n_components, variance_floor=self.variance_floor_db2)
            for _ in range(N_SCENES)
        ]
        n_heard = np.zeros(N_SCENES, int)
        for piece in pieces(stream):
            predicted = classifier.predict(piece)
            for each in np.unique(predicted):
                models[each].partial_fit(piece[predicted == each])
            n_heard += np.bincount(predicted, minlength=N_SCENES)
        if n_heard.max() < self.min_windows:
            return self._as_one(models, n_heard)
        parts, scenes = [], []
        for scene in np.flatnonzero(n_heard >= self.min_windows):
            n = int(n_heard[scene])
            model = models[scene].of_at_most(n // self.min_windows)
            stays = enough(model.weights_, self.min_windows / n * ALMOST)
            parts.append(
                (n * model.weights_[stays], model.means_[stays], model.covariances_[stays])
            )
            scenes.append(np.full(int(stays.sum()), scene, np.int8))
        weights, means, variances = map(np.concatenate, zip(*parts, strict=True))
        draft = mixture_draft(weights, means, variances, n_effective=weights)
        return Draft(SceneMixture(draft.content, np.concatenate(scenes)), draft.n_effective)

    def _as_one(
        self, models: "list[StepwiseGaussianMixture]", n_heard: NDArray[np.int64]
    ) -> Draft[SceneMixture]:
        """All scenes' windows as one component."""
        day = RunningGaussians.empty(0, N_INPUTS)
        for scene in np.flatnonzero(n_heard):
            day += models[scene].statistics_.times(float(n_heard[scene]))
        one = day.pooled()
        variances = one.scatters / one.weights[:, None] + self.variance_floor_db2
        draft = mixture_draft(np.ones(1), one.means, variances, n_effective=one.weights)
        most = np.array([n_heard.argmax()], np.int8)
        return Draft(SceneMixture(draft.content, most), draft.n_effective)

    def budget(self, n_windows: int) -> Budget:
        """That of each scene's mixture, and an inference for every window."""
        # A window goes to one mixture, but all of them may be at their first windows.
        n_merged = N_SCENES * StepwiseEmAggregator.n_merged
        one = StepwiseEmAggregator(n_components=self.n_components, n_merged=n_merged)
        each, n = one.budget(n_windows), N_SCENES * self.n_components
        return Budget(
            n_bytes=N_SCENES * each.n_bytes + n,
            memory_bytes=N_SCENES * each.memory_bytes,
            n_macs=each.n_macs + n_windows * N_MACS,
            n_rounded=3,
            n_exact_bytes=n,
            n_components=n,
        )
