"""A server as it is before the first night, kept for all runs that begin with it."""

from pathlib import Path

from fedasc.code import modules_of
from fedasc.corpus.library import Surroundings
from fedasc.corpus.training import TrainingSetSettings
from fedasc.models.calibration import Calibration
from fedasc.models.teacher import TeacherSettings
from fedasc.models.training import EmbeddedSettings
from fedasc.plugins import as_section
from fedasc.progress import Progress, quiet
from fedasc.scenario import Scenario
from fedasc.server import Server, set_up, shipped_teacher
from fedasc.server_files import read_server, write_server
from fedasc.shelves import SERVER


def kept_server(
    scenario: Scenario,
    *,
    known: Surroundings,
    sizes: TrainingSetSettings,
    embedded: EmbeddedSettings,
    teacher: TeacherSettings,
    calibration: Calibration,
    n_jobs: int = 1,
    progress: Progress = quiet,
) -> Server:
    """The server of a world, set up now or before; equal to the last bit.

    Args:
        scenario: Of which nothing counts that has to do with users.
        known, sizes, embedded, teacher, calibration, n_jobs, progress: See `set_up`.
    """

    def make(folder: Path) -> None:
        server = set_up(
            scenario,
            known=known,
            sizes=sizes,
            embedded=embedded,
            teacher=teacher,
            calibration=calibration,
            n_jobs=n_jobs,
            progress=progress,
        )
        write_server(folder, server)

    along = shipped_teacher(scenario, sizes=sizes, teacher=teacher)
    entry = SERVER.entry(
        *(scenario.origin, known, sizes, embedded, as_section(teacher)),
        *(calibration, along.name if along.exists() else ""),
        by=modules_of(teacher),
    )
    return read_server(
        entry.made(make), teacher=teacher, calibration=calibration, embedded=embedded
    )
