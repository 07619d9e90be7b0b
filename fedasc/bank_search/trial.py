"""What a bank is worth where it counts: on the evaluation part, which no search has seen."""

from collections.abc import Mapping

from fedasc.audio.bank import FilterBank
from fedasc.bank_search.objective import lda_predictions
from fedasc.corpus.division import Division
from fedasc.corpus.features import listen
from fedasc.corpus.training import TrainingSetSettings, balanced_windows
from fedasc.models.ensemble import EnsembleSettings
from fedasc.models.samples import Samples, TrainingSet
from fedasc.models.training import EmbeddedSettings, train
from fedasc.progress import Progress, quiet
from fedasc.seeds import Purpose

CLASSIFIERS = ("LDA", "C1", "ensemble")

_N_PER_SCENE = 500
_ADDRESS = 4


def held_out_accuracy(
    division: Division,
    bank: FilterBank,
    *,
    sizes: TrainingSetSettings,
    embedded: EmbeddedSettings,
    teacher: EnsembleSettings,
    progress: Progress = quiet,
) -> Mapping[str, float]:
    """Accuracy on windows of the evaluation part, after learning from the comprehensive set.

    The comprehensive set and C1 are those of a run with the same seed, and so is the ensemble.

    Args:
        sizes: Of the comprehensive set.
        embedded: How C1 is trained.
        teacher: The ensemble, of all teachers the one that trains in seconds.

    Returns:
        By classifier: linear discriminant analysis, C1 and the ensemble.
    """
    library, streams = division.library, division.streams

    def heard(part: str, n_per_scene: int, address: int) -> Samples:
        windows = balanced_windows(library, part, n_per_scene, streams=streams, address=address)
        return Samples(listen(bank, division.clips, windows, progress=progress), windows.scene)

    learnt = TrainingSet(
        heard("train", sizes.comprehensive, 0),
        heard("validation", sizes.comprehensive_validation, 1),
    )
    test = heard("evaluation", _N_PER_SCENE, _ADDRESS)
    small = train(embedded, learnt, seed=streams.sequence(Purpose.EMBEDDED_TRAINING, 1))
    large = teacher.train(learnt, seed=streams.integer(Purpose.TEACHER_TRAINING), progress=progress)
    predicted = (
        lda_predictions(learnt.training, test),
        small.predict(test.x),
        large.probabilities(test.x).argmax(axis=1),
    )
    return {
        name: test.accuracy(scenes) for name, scenes in zip(CLASSIFIERS, predicted, strict=True)
    }
