"""The server before the first night: its data, its teacher and the classifiers it ships."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import InitVar, dataclass, replace
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fedasc.aggregators.deviations import deviations
from fedasc.aggregators.gmm import GmmAggregator
from fedasc.aggregators.mixture import Mixture
from fedasc.aggregators.public import Public
from fedasc.audio import FloatArray
from fedasc.code import modules_of
from fedasc.config import fingerprint
from fedasc.corpus.library import EVERYTHING, Surroundings
from fedasc.corpus.training import TrainingSetSettings, balanced_windows
from fedasc.corpus.windows import Windows
from fedasc.errors import SettingsError
from fedasc.models.calibration import Calibration, calibrated
from fedasc.models.embedded import EmbeddedClassifier
from fedasc.models.hearing import heard_once
from fedasc.models.samples import Samples, TrainingSet
from fedasc.models.teacher import StudentTeacher, Teacher, TeacherSettings
from fedasc.models.teacher_training import train_teacher
from fedasc.models.training import EmbeddedSettings, train
from fedasc.plugins import as_section
from fedasc.progress import Progress, quiet
from fedasc.scenario import Scenario
from fedasc.seal import damage
from fedasc.seeds import Purpose
from fedasc.shelves import TEACHER, TRAINING
from fedasc.transfer import transfer_set

_SHIPPED_FORMAT = 6
"""Raise it whenever a teacher that comes along must be made anew, though the same settings ask for
it. A cached one knows the code that trained it."""

_N_PROBED = 64
_TEACHERS = Path(__file__).parent / "teachers"
_EVERYTHING = GmmAggregator(n_components=64)


@dataclass(frozen=True, kw_only=True)
class Server:
    """What the server has.

    Args:
        baseline_set: Labelled samples of typical surroundings.
        comprehensive_set: Labelled samples of everything.
        baseline_transfer_set: What the baseline classifier learnt of its set by way of the teacher;
            see `fedasc.transfer`.
        comprehensive_transfer_set: What the comprehensive classifier learnt, likewise.
        teacher: Trained on the comprehensive set, and calibrated on its validation part.
        baseline: The classifier that every device starts with.
        comprehensive: A classifier trained on everything: the rival that needs no device's help.
        embedded: How embedded classifiers are trained.
        everything: The mixture of the comprehensive set: what a device would send that had heard
            all of it.
        deviations: (n_samples, n_features) how the comprehensive set's samples deviate from it;
            see `fedasc.aggregators.deviations`.
        torch_device: Where teachers label and fleets are trained: cpu, or cuda for a GPU.
        student: What was distilled of the teacher, if anything was; see `fedasc.distilling`.
        digest: The teacher's, where it is known; see `teacher_digest`.
    """

    baseline_set: TrainingSet
    comprehensive_set: TrainingSet
    baseline_transfer_set: TrainingSet
    comprehensive_transfer_set: TrainingSet
    teacher: Teacher
    baseline: EmbeddedClassifier
    comprehensive: EmbeddedClassifier
    embedded: EmbeddedSettings
    everything: Mixture
    deviations: NDArray[np.float32]
    torch_device: str = "cpu"
    student: StudentTeacher | None = None
    digest: InitVar[str] = ""

    def __post_init__(self, digest: str) -> None:
        if digest:
            vars(self)["teacher_digest"] = digest

    def on_device(self) -> "Server":
        """The same server with its teacher and its student where they label."""
        device = self.torch_device
        student = self.student and self.student.on(device)
        return self.still(teacher=self.teacher.on(device), student=student)

    def still(self, **changes: Any) -> "Server":
        """The same server with changes that leave alone what its teacher says on the CPU."""
        return replace(self, digest=vars(self).get("teacher_digest", ""), **changes)

    @property
    def annotator(self) -> Teacher:
        """Who labels what devices tell of: the student, unless there is none or it is too far off.

        The teacher itself labels what the server has, and is what tables call the teacher.
        """
        return self.student if self.student and self.student.passes else self.teacher

    def standardised(self, x: NDArray[np.float32]) -> FloatArray:
        """(n_samples, n_features) in standard deviations of the comprehensive training set."""
        mean, deviation = self.scale
        standardised: FloatArray = (x - mean) / deviation
        return standardised

    @cached_property
    def teacher_digest(self) -> str:
        """What tells the teacher from others: what it says of some windows, to the last bit.

        To ask it takes most of a second, as compiled code has to be loaded. Copies don't know it
        any more, as their teacher may be another, but for those that are `still` the same.
        """
        x = self.comprehensive_set.validation.x
        some = np.ascontiguousarray(x[:: max(1, len(x) // _N_PROBED)])
        digest = blake2b(some.data, digest_size=12)
        digest.update(np.ascontiguousarray(self.teacher.probabilities(some)).data)
        return digest.hexdigest()

    @cached_property
    def public(self) -> Public:
        """What devices are told of the server's own recordings."""
        return Public.of(self.everything, self.deviations)

    @cached_property
    def scale(self) -> tuple[FloatArray, FloatArray]:
        """(n_features,) mean and standard deviation in the comprehensive training set."""
        x = self.comprehensive_set.training.x.astype(np.float64)
        return x.mean(axis=0), x.std(axis=0)


def shipped_teacher(
    scenario: Scenario, *, sizes: TrainingSetSettings, teacher: TeacherSettings
) -> Path:
    """Where the package has the teacher of a world, if it comes along.

    It is named by what it was made from, recordings, split and filters, not by their features:
    these may differ by a rounding between machines, and so would what is trained on them.
    """
    address = fingerprint(
        *(scenario.name, scenario.streams, scenario.bank),
        *(sizes.comprehensive, sizes.comprehensive_validation),
        *(as_section(teacher), _SHIPPED_FORMAT),
    )
    return _TEACHERS / address


def set_up(
    scenario: Scenario,
    *,
    known: Surroundings,
    sizes: TrainingSetSettings,
    embedded: EmbeddedSettings,
    teacher: TeacherSettings,
    calibration: Calibration = "none",
    ready: Teacher | None = None,
    n_jobs: int = 1,
    progress: Progress = quiet,
) -> Server:
    """Make the training sets, the teacher and the classifiers of the first day.

    Args:
        scenario: The world; the server uses its training and validation parts.
        known: What the baseline set holds.
        calibration: How the teacher's probabilities are corrected, a new one's or a ready one's.
        ready: A teacher trained before, in place of a new one.
        n_jobs: Processes that train a new one; changes no result.

    Raises:
        SettingsError: If the teacher that comes along with the package is damaged.
    """
    library = scenario.library

    def samples(
        part: str, n_per_scene: int, address: int, surroundings: Surroundings = EVERYTHING
    ) -> Samples:
        def draw() -> Windows:
            return balanced_windows(
                library,
                part,
                n_per_scene,
                streams=scenario.streams,
                address=address,
                surroundings=surroundings,
            )

        return heard_once(
            TRAINING.entry(*scenario.origin, part, n_per_scene, address, surroundings),
            draw,
            bank=scenario.bank,
            clips=scenario.clips,
            progress=progress,
        )

    comprehensive_set = TrainingSet(
        samples("train", sizes.comprehensive, 0),
        samples("validation", sizes.comprehensive_validation, 1),
    )
    baseline_set = TrainingSet(
        samples("train", sizes.baseline, 2, known),
        samples("validation", sizes.baseline_validation, 3, known),
    )

    def make_teacher(folder: Path) -> None:
        seed = scenario.streams.integer(Purpose.TEACHER_TRAINING)
        trained = train_teacher(
            teacher, comprehensive_set, seed=seed, n_jobs=n_jobs, progress=progress
        )
        trained.save(folder / "teacher")

    def make_mixture(training_set: TrainingSet) -> Mixture:
        seed = scenario.streams.integer(Purpose.EVERYTHING)
        return _EVERYTHING.fit(training_set.training.x, seed=seed)

    beside = ThreadPoolExecutor(1, thread_name_prefix="mixtures")
    try:  # while the teacher trains elsewhere: for the last of its parts there is a core left
        mixtures = beside.map(make_mixture, (comprehensive_set, baseline_set))
        if ready is None:
            along = shipped_teacher(scenario, sizes=sizes, teacher=teacher)
            if along.exists() and (what := damage(along)):
                raise SettingsError(f"{along}: damaged ({what}); install fedasc again")
            entry = TEACHER.entry(
                *(as_section(teacher), comprehensive_set.digest(), scenario.streams),
                by=modules_of(teacher),
            )
            ready = teacher.load(along if along.exists() else entry.made(make_teacher) / "teacher")
        everything, typical = mixtures
    finally:
        beside.shutdown(wait=False, cancel_futures=True)  # nobody who interrupts it waits

    labels = calibrated(ready, calibration, comprehensive_set.validation)

    def taught(address: int, training_set: TrainingSet, mixture: Mixture) -> TrainingSet:
        rng = scenario.streams.generator(Purpose.EVERYTHING, address)
        return transfer_set(training_set, mixture, sizes=sizes, teacher=labels, rng=rng)

    def classifier(address: int, samples: TrainingSet) -> EmbeddedClassifier:
        seed = scenario.streams.sequence(Purpose.EMBEDDED_TRAINING, address)
        return train(embedded, samples, seed=seed)

    baseline_transfer_set = taught(0, baseline_set, typical)
    comprehensive_transfer_set = taught(1, comprehensive_set, everything)
    return Server(
        baseline_set=baseline_set,
        comprehensive_set=comprehensive_set,
        baseline_transfer_set=baseline_transfer_set,
        comprehensive_transfer_set=comprehensive_transfer_set,
        teacher=labels,
        baseline=classifier(0, baseline_transfer_set),
        comprehensive=classifier(1, comprehensive_transfer_set),
        embedded=embedded,
        everything=everything,
        deviations=deviations(everything, comprehensive_set.training.x),
    )
