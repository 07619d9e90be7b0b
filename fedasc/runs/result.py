"""A finished run: its tables, its summary and its figures.

Matplotlib takes a second to import, so what needs it is imported where it is used.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fedasc.aggregators.summary import Summary
from fedasc.corpus.division import open_division
from fedasc.errors import SettingsError
from fedasc.evaluation.calibration import Reliability
from fedasc.evaluation.predictions import Predictions
from fedasc.experiments.record import DeviceRecord
from fedasc.models.embedded import EmbeddedClassifier
from fedasc.population.roster import read_roster
from fedasc.report.results import ProfileSummary
from fedasc.report.rows import count_rows, device_row
from fedasc.runs.checkpoint import Checkpoint
from fedasc.runs.classifiers import read_classifier_of, read_classifiers
from fedasc.runs.folder import asked_for, is_finished
from fedasc.runs.parts import ByDevice
from fedasc.runs.predictions import read_predictions
from fedasc.runs.provenance import read_provenance
from fedasc.runs.summaries import read_summaries
from fedasc.runs.table import Table
from fedasc.settings import Settings, settings_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from fedasc.report.overview import Overview

_SUMMARY = "summary.json"


@dataclass(frozen=True)
class Run:
    """A finished run.

    Args:
        folder: Where its results are.
        settings: All of them.
        records: Of every device, by night; read when they are looked at.
        corpus: What the corpus held and what was left out.
    """

    folder: Path
    settings: Settings
    records: Sequence[Sequence[DeviceRecord]]
    corpus: Mapping[str, Any]

    def __repr__(self) -> str:
        return f"Run({str(self.folder)!r}, {len(self.records)} night(s))"

    @cached_property
    def devices(self) -> Table:
        """A row per night and device, as in devices.csv."""
        return Table(tuple(device_row(record) for night in self.records for record in night))

    @cached_property
    def overview(self) -> "Overview":
        """All that is told of it, in one pass over the records."""
        from fedasc.report.overview import overview

        return overview(self.records)

    @property
    def nights(self) -> Table:
        """A row per night and profile, and one of all users, as in nights.csv."""
        return Table(tuple(self.overview.nights))

    @property
    def lost(self) -> Sequence[DeviceRecord]:
        """Of devices that a night went on without."""
        return self.overview.lost

    @property
    def profiles(self) -> Sequence[ProfileSummary]:
        """By profile, and of all users, on the last night."""
        return self.overview.profiles

    @property
    def reliability(self) -> Mapping[str, Reliability]:
        """The teacher's, by profile, and for all users, on the last night."""
        return self.overview.reliability

    @cached_property
    def confusions(self) -> Table:
        """A row per night, device and classifier, as in confusions.csv."""
        return Table(
            tuple(row for night in self.records for record in night for row in count_rows(record))
        )

    @cached_property
    def classifiers(self) -> ByDevice[EmbeddedClassifier]:
        """Of the devices that have had another one than what was shipped, at the end.

        Raises:
            SettingsError: When they are looked at, if a file is damaged.
        """
        return read_classifiers(self.folder)

    def classifier(self, device: int | None = None) -> EmbeddedClassifier:
        """That of a device at the end.

        Args:
            device: Its number; None for what every device was shipped with, which one has that
                never got another.

        Raises:
            SettingsError: If there is no such device, or the folder is of an earlier version.
        """
        if device is not None:
            self._check(device)
        return read_classifier_of(self.folder, device)

    def summaries(self, night: int = -1) -> ByDevice[Summary]:
        """What devices sent on a night, in time or too late, in the bits that they sent.

        Args:
            night: Its number; -1 for the last one.

        Raises:
            SettingsError: If there is no such night, or the run has kept none.
        """
        n_nights = len(self.records)
        if not -n_nights <= night < n_nights:
            raise SettingsError(f"{self.folder}: there is no night {night}; it has {n_nights}")
        kept = read_summaries(
            self.folder,
            night=night % n_nights,
            kind=self.settings.aggregator.kind,
            encoding=self.settings.release.encoding,
        )
        if not kept.paths:
            raise SettingsError(self._lacking("what devices sent"))
        return kept

    def summary_of(self, device: int, night: int = -1) -> Summary:
        """What a device sent on a night; see `summaries`.

        Raises:
            SettingsError: Likewise, or if it sent nothing.
        """
        self._check(device)
        try:
            return self.summaries(night)[device]
        except KeyError:
            raise SettingsError(
                f"{self.folder}: device {device} sent nothing on night {night % len(self.records)}"
            ) from None

    def predictions(self, device: int) -> Predictions:
        """What every classifier took each window of a device for on the last night.

        Raises:
            SettingsError: If the run has kept none, or the device was lost or wasn't there.
        """
        self._check(device)
        if not self._predictions.paths:
            raise SettingsError(self._lacking("what windows were taken for"))
        try:
            return self._predictions[device]
        except KeyError:
            raise SettingsError(
                f"{self.folder}: device {device} was lost on the last night, or wasn't there"
            ) from None

    @cached_property
    def _predictions(self) -> ByDevice[Predictions]:
        return read_predictions(self.folder)

    @cached_property
    def provenance(self) -> Mapping[str, Any]:
        """What provenance.json says: recordings, profiles, plug-ins, and who computed it with what.

        Raises:
            SettingsError: If the folder is of an earlier version, or it is damaged.
        """
        return read_provenance(self.folder)

    def _check(self, device: int) -> None:
        """Refuse a device that there isn't.

        Raises:
            SettingsError: If so.
        """
        if not 0 <= device < self.settings.n_clients:
            raise SettingsError(
                f"{self.folder}: there is no device {device}; they go from 0 to "
                f"{self.settings.n_clients - 1}"
            )

    def _lacking(self, what: str) -> str:
        again = self.folder / "settings.toml"
        cure = (
            f"it was run with --no-details; fedasc run --settings {again} --details makes it again"
            if again.is_file()
            else "it is of an earlier version; run it again"
        )
        return f"{self.folder}: doesn't keep {what}, since {cure}"

    @cached_property
    def summary(self) -> Mapping[str, Any]:
        """What summary.json says.

        Raises:
            SettingsError: If it isn't there any more.
        """
        return _read(self.folder, _SUMMARY)

    @property
    def plot(self) -> "Plots":
        """Its figures."""
        return Plots(self)


@dataclass(frozen=True)
class Plots:
    """Figures of a run; `savefig` writes one, and notebooks show it.

    Args:
        run: Whose.
    """

    run: Run

    def gains(self) -> "Figure":
        """Gain of each user by profile, in rising order."""
        from fedasc.report.plots import gains_figure

        return gains_figure(self.run.overview.last)

    def before_after(self) -> "Figure":
        """Accuracy before and after the last night, by profile."""
        from fedasc.report.plots import before_after_figure

        return before_after_figure(self.run.overview.last)

    def reliability(self) -> "Figure":
        """How often the teacher is right, by how certain it is."""
        from fedasc.report.reliability import reliability_figure

        return reliability_figure(self.run.reliability)

    def confusions(self) -> "Figure":
        """Which scenes every classifier takes for which, on the last night."""
        from fedasc.report.confusions import confusions_figure

        return confusions_figure(self.run.overview.confusions)

    def nights(self) -> "Figure":
        """Mean accuracy of every classifier on each night, and the gain with its interval."""
        from fedasc.report.nights import nights_figure

        return nights_figure(self.run.overview.nights)

    def users(self) -> "Figure":
        """How users differ; the corpora are opened once more for it.

        Raises:
            FedascError: If they aren't where they were, or no longer the same.
        """
        from fedasc.report.user_picture import users_figure

        folder = self.run.folder
        asked = asked_for(folder)
        division = open_division(
            asked.corpora, seed=asked.settings.seed, nested=asked.settings.nested
        )
        library = division.library
        known = asked.profiles.known(library)
        streams = division.streams
        users = read_roster(folder / "users.csv", library=library, known=known, streams=streams)
        return users_figure(users, library, streams)


def load(folder: str | Path) -> Run:
    """The results of a finished run.

    Raises:
        SettingsError: If there is none in the folder.
    """
    place = Path(folder)
    if not is_finished(place):
        raise SettingsError(f"{place}: no finished run; see `resume`")
    settings, summary = (_read(place, name) for name in ("settings.json", _SUMMARY))
    if "corpus" not in summary:
        raise SettingsError(f"{place}: its files are damaged (no corpus)")
    records = Checkpoint(place).records()
    return Run(place, settings_of(settings, where=str(place)), records, summary["corpus"])


def _read(folder: Path, name: str) -> Mapping[str, Any]:
    try:
        content = json.loads((folder / name).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError(f"{folder}: its files are damaged ({error})") from error
    if not isinstance(content, dict):
        raise SettingsError(f"{folder}: its files are damaged ({name})")
    return content
