"""Details of a run, which no table needs: what devices sent, and what every window was taken for.

They are written night by night, before the checkpoint says that a night has ended, so that a run
which was interrupted has them all.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

from fedasc.night import Night
from fedasc.runs.predictions import forget_predictions, write_predictions
from fedasc.runs.summaries import FOLDER, write_summaries


@dataclass(frozen=True)
class Details:
    """Of a run, in its folder.

    Args:
        folder: Of the run.
        n_nights: How many nights it has; windows are kept of the last one, which figures are about.
    """

    folder: Path
    n_nights: int

    def write(self, night: Night) -> None:
        """Keep what a night, or a cohort of it, has brought."""
        write_summaries(self.folder, night.summaries, night=night.number, part=night.cohort)
        if night.number == self.n_nights - 1:
            by_device = {device: one.predictions for device, one in sorted(night.diagnoses.items())}
            write_predictions(self.folder, by_device, night.cohort)


def forget_details(folder: Path) -> None:
    """Remove what there is: cohorts may be others now."""
    shutil.rmtree(folder / FOLDER, ignore_errors=True)
    forget_predictions(folder)
