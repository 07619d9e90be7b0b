"""The student of a server's teacher: made of what the server has, once, and kept."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path

import numpy as np

from fedasc.corpus.training import TrainingSetSettings
from fedasc.models.distillation import compared, distilled
from fedasc.models.student import Student
from fedasc.models.student_settings import StudentSettings
from fedasc.plugins import as_section
from fedasc.progress import Progress, quiet
from fedasc.seeds import Purpose, Streams
from fedasc.server import Server
from fedasc.shelves import STUDENT
from fedasc.transfer import transfer_set

_log = logging.getLogger(__name__)


def with_student(
    server: Server,
    settings: StudentSettings,
    *,
    sizes: TrainingSetSettings,
    streams: Streams,
    by: Sequence[str] = (),
    progress: Progress = quiet,
) -> Server:
    """A server with the student of its teacher, as this is corrected, unless there is to be none.

    It learns from the comprehensive set, and is judged by the validation part. It knows nothing of
    any user, so what one is sent depends on no other.

    Args:
        sizes: Those of the transfer sets.
        by: Modules that make the teacher.
    """
    if settings.use == "never":
        return server
    teacher, samples, mixture = server.teacher, server.comprehensive_set, server.everything

    def make(folder: Path) -> None:
        lessons = transfer_set(
            samples,
            mixture,
            sizes=replace(sizes, targets="soft", artificial=settings.n_artificial),
            teacher=teacher,
            rng=streams.generator(Purpose.STUDENT, 0),
        )
        seed = streams.sequence(Purpose.STUDENT, 1)
        student = distilled(settings, lessons.training, seed=seed, progress=progress)
        validation = lessons.validation
        compared(student, teacher, validation.x, bound=settings.bound).save(folder / "student")

    told = blake2b(digest_size=12)
    for array in mixture.arrays().values():
        told.update(np.ascontiguousarray(array).data)
    teaches = samples.digest(), server.teacher_digest, told.hexdigest()
    entry = STUDENT.entry(as_section(settings), streams, *teaches, by=by)
    student = Student.load(entry.made(make) / "student")
    if not student.passes:
        _log.warning(
            "the student gives %.1f %% of validation windows another scene than the teacher, more "
            "than bound, %.1f %%: the teacher labels instead, which takes far longer",
            100 * student.disagreement, 100 * student.bound,
        )  # fmt: skip
    return server.still(student=student)
