"""The server's training sets: comprehensive and baseline (section 4.2)."""

from dataclasses import dataclass
from typing import Literal

from fedasc.config import check_choices
from fedasc.corpus.library import EVERYTHING, Library, Surroundings
from fedasc.corpus.windows import Windows, draw_windows
from fedasc.errors import SettingsError
from fedasc.scenes import N_SCENES
from fedasc.seeds import Purpose, Streams

Targets = Literal["hard", "soft"]


@dataclass(frozen=True, kw_only=True)
class TrainingSetSettings:
    """Sizes of the training sets, in windows per scene, and what is taught beside them.

    All four scenes are equally large. The default sizes are the paper's files (Table 1) times its
    shares for training and validation.

    Args:
        comprehensive: Training windows per scene from all that the corpus has.
        comprehensive_validation: Validation windows per scene, likewise.
        baseline: Training windows per scene from what the baseline profile names.
        baseline_validation: Validation windows per scene, likewise.
        targets: What embedded classifiers are taught of training windows: hard, their scenes
            (paper), or soft, the teacher's probabilities. The teacher learns the scenes either way.
        artificial: Artificial samples that they are taught with each set, drawn from a mixture of
            its training windows and labelled by the teacher; 0 in the paper.
    """

    comprehensive: int = 1290
    comprehensive_validation: int = 258
    baseline: int = 378
    baseline_validation: int = 76
    targets: Targets = "soft"
    artificial: int = 10_000

    def __post_init__(self) -> None:
        check_choices(self, section="training_sets")
        if self.artificial < 0:
            raise SettingsError("training_sets: artificial must not be negative")
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
