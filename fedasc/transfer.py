"""Transfer sets: what embedded classifiers learn of a training set by way of the teacher.

The name is that of Hinton, Vinyals and Dean (2015).
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from fedasc.aggregators.deviations import deviations
from fedasc.aggregators.mixture import Mixture
from fedasc.corpus.training import TrainingSetSettings
from fedasc.models.samples import Samples, TrainingSet
from fedasc.models.teacher import Teacher


def transfer_set(
    training_set: TrainingSet,
    mixture: Mixture,
    *,
    sizes: TrainingSetSettings,
    teacher: Teacher,
    rng: np.random.Generator,
) -> TrainingSet:
    """What a shipped classifier is trained on, and what is rehearsed of it.

    Artificial samples tell what the teacher makes of sounds between those that there are
    recordings of (Buciluă, Caruana and Niculescu-Mizil 2006).

    Args:
        training_set: Labelled samples; those to validate with stay as they are.
        mixture: Of its training samples.
        sizes: How many artificial samples there are, and what is taught of the others.
        teacher: Gives the probabilities.
        rng: Draws the artificial samples.
    """
    training = training_set.training
    x = training.x
    if sizes.targets == "soft":
        training = replace(training, beliefs=_beliefs(teacher, x))
    if sizes.artificial:
        drawn = mixture.sample(sizes.artificial, rng=rng, deviations=deviations(mixture, x))
        beliefs = _beliefs(teacher, drawn)
        training += Samples(drawn, beliefs.argmax(axis=1), beliefs)
    return replace(training_set, training=training)


def _beliefs(teacher: Teacher, x: NDArray[np.float32]) -> NDArray[np.float32]:
    return teacher.probabilities(x).astype(np.float32)
