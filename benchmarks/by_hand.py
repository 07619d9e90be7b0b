"""A night as a script would do it: device after device, with what the libraries offer.

Features by SciPy, the mixture by scikit-learn, labels from the teacher's own libraries, and C1 as a
PyTorch module. The windows, the mixture's seed and the artificial samples are those of fedasc.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from sklearn.mixture import GaussianMixture

from benchmarks.labelling import PlainTeacher
from benchmarks.module import in_index_batches, make_module, set_weights
from fedasc.aggregators.gmm import GmmAggregator
from fedasc.aggregators.mixture import Mixture
from fedasc.audio.reference import reference_vectors
from fedasc.corpus.windows import draw_windows, render
from fedasc.models.inputs import inputs_of
from fedasc.models.passes import Passes
from fedasc.models.samples import Samples, TrainingSet
from fedasc.seeds import Purpose
from fedasc.server import Server
from fedasc.settings import Settings
from fedasc.strategies.personalised import PersonalisedStrategy
from fedasc.strategies.task import Task
from fedasc.world import World


@dataclass(frozen=True)
class Hand:
    """Works for one device at a time, in this process."""

    world: World
    settings: Settings

    @cached_property
    def _server(self) -> Server:
        plain = PlainTeacher.of(self.world, self.settings.teacher)
        return replace(self.world.server, teacher=plain)

    @property
    def _strategy(self) -> PersonalisedStrategy:
        assert isinstance(self.settings.strategy, PersonalisedStrategy)
        return self.settings.strategy

    def accuracy(self, device: int) -> float:
        """Accuracy of the device's own classifier on its evaluation windows."""
        sizes, streams = self.settings.listening, self.world.scenario.streams
        heard = self.hear(device, Purpose.HEARD, "aggregation", sizes.n_heard)
        mixture = self.summarise(heard.x, seed=streams.integer(Purpose.SUMMARY, 0, device))
        samples = self.samples(mixture, rng=streams.generator(Purpose.SAMPLING, 0, device))
        judged = self.hear(device, Purpose.EVALUATION, "evaluation", sizes.n_evaluation)
        module = make_module(self.settings.embedded.dropout)
        set_weights(module, self._server.comprehensive)
        how = replace(self.settings.embedded, n_epochs=self._n_epochs(len(samples)))
        known = TrainingSet(*(self.inputs(each) for each in (samples, judged)))
        return in_index_batches(how, known, module=module)

    def _n_epochs(self, n_samples: int) -> int:
        """Passes over all samples with about as many steps as fedasc's, which take a part."""
        strategy, known = self._strategy, self._server.comprehensive_transfer_set.training
        passes = Passes(
            n_known=len(known),
            n_new=n_samples - len(known),
            share=strategy.rehearsed_share,
            batch_size=self.settings.embedded.batch_size,
        )
        return max(1, round(strategy.n_epochs * passes.n_samples / n_samples))

    def inputs(self, samples: Samples) -> Samples:
        """What the first layer is given of samples."""
        return replace(samples, x=inputs_of(samples.x, self.settings.embedded.inputs))

    def hear(self, device: int, purpose: Purpose, part: str, n_windows: int) -> Samples:
        """What `fedasc.device.hear` hears, with SciPy's filters."""
        scenario = self.world.scenario
        user = scenario.user(device, 0)
        windows = draw_windows(
            scenario.library.material(part, user.surroundings),
            n_windows,
            shares=user.shares,
            rng=scenario.streams.generator(purpose, 0, device),
        )
        signals = (user.microphone.hear(sound) for sound in render(scenario.clips, windows))
        x = [reference_vectors(scenario.bank, signal).ravel() for signal in signals]
        return Samples(np.array(x, np.float32), windows.scene)

    def summarise(self, x: NDArray[np.float32], *, seed: int) -> Mixture:
        """As many components as fedasc fits; those of few windows stay."""
        gmm = self.settings.aggregator
        assert isinstance(gmm, GmmAggregator)
        model = GaussianMixture(
            max(1, min(gmm.n_components, len(x) // gmm.min_windows)),
            covariance_type="diag",
            reg_covar=gmm.variance_floor_db2,
            random_state=seed,
        ).fit(x.astype(np.float64))
        parts = (model.weights_, model.means_, model.covariances_)
        return Mixture(*(part.astype(np.float32) for part in parts))

    def samples(self, mixture: Mixture, *, rng: np.random.Generator) -> Samples:
        """What C1 is retrained on: artificial samples beside what the comprehensive one learnt."""
        strategy, server, task = self._strategy, self._server, Task((0,), mixture)
        (drawn,) = strategy.labelled(server, [task], strategy.n_wanted(server), rngs=[rng])
        beside = strategy.divided(drawn, server).training.weighted(strategy.artificial_weight)
        return server.comprehensive_transfer_set.training + beside
