"""The server's training sets: comprehensive and baseline (section 4.2)."""

from dataclasses import dataclass

from fedasc.corpus.library import EVERYTHING, Library, Surroundings
from fedasc.corpus.windows import Windows, draw_windows
from fedasc.errors import SettingsError
from fedasc.scenes import N_SCENES
from fedasc.seeds import Purpose, Streams


@dataclass(frozen=True, kw_only=True)
class TrainingSetSettings:
    """Sizes of the training sets, in windows per scene; all four scenes are equally large.

    The defaults are the paper's files (Table 1) times its shares for training and validation.

    Args:
        comprehensive: Training windows per scene from all that the corpus has.
        comprehensive_validation: Validation windows per scene, likewise.
        baseline: Training windows per scene from what the baseline profile names.
        baseline_validation: Validation windows per scene, likewise.
    """

    comprehensive: int = 1290
    comprehensive_validation: int = 258
    baseline: int = 378
    baseline_validation: int = 76

    def __post_init__(self) -> None:
        if (
            min(
                self.comprehensive,
                self.comprehensive_validation,
                self.baseline,
                self.baseline_validation,
            )
            < 10
        ):
            raise SettingsError("training_sets: every size must be at least 10 windows per scene")


def balanced_windows(
    library: Library,
    part: str,
    n_per_scene: int,
    *,
    streams: Streams,
    address: int,
    surroundings: Surroundings = EVERYTHING,
) -> Windows:
    """As many windows of each scene, from one part of the corpus.

    Args:
        address: Tells the sets of one run apart.
        surroundings: What the windows are made of.

    Raises:
        CorpusError: If the part lacks noise, music or speech.
    """
    material = library.material(part, surroundings)
    rng = streams.generator(Purpose.TRAINING_SET, address)
    first, *others = (
        draw_windows(
            material,
            n_per_scene,
            shares=[float(scene == wanted) for scene in range(N_SCENES)],
            rng=rng,
        )
        for wanted in range(N_SCENES)
    )
    for other in others:
        first += other
    return first
