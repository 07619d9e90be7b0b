"""A server that was prepared and saved once, to answer summaries whenever they come."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fedasc.aggregators.sum_share import SumShare
from fedasc.code import modules_of
from fedasc.config import fingerprint
from fedasc.corpus.division import Division, open_division
from fedasc.corpus.parts import SERVER_PARTS
from fedasc.corpus.recordings import Corpus
from fedasc.distilling import with_student
from fedasc.errors import SettingsError
from fedasc.live.app import ABOUT, BASELINE, COMPREHENSIVE, FORMAT, PUBLIC, read_about
from fedasc.live.classifier_file import ClassifierFile, write_classifier
from fedasc.live.known import checksums
from fedasc.models.embedded import EmbeddedClassifier
from fedasc.plugins import as_section
from fedasc.population.profile import Profiles
from fedasc.progress import Progress, quiet
from fedasc.scenario import Scenario
from fedasc.server import Server, set_up
from fedasc.server_files import read_server, write_server
from fedasc.settings import Settings, settings_of

_KNOWN = "known.npy"


@dataclass(frozen=True, eq=False, kw_only=True)
class Prepared:
    """A server, its settings, and what it knows.

    Args:
        settings: All of a run's; those of users and nights are of no account.
        server: What it has.
        corpora: Fingerprints of the corpora that it was made of.
        known: (n_clips,) checksums of the clips of these that it learnt from.
    """

    settings: Settings
    server: Server
    corpora: tuple[str, ...]
    known: NDArray[np.uint32]

    @property
    def digest(self) -> str:
        """Tells it from servers that know, ask or ship anything else."""
        shipped = self.server.baseline.arrays()
        return fingerprint(
            as_section(self.settings),
            self.corpora,
            self.server.public.digest,
            {name: array.tobytes().hex() for name, array in shipped.items()},
        )

    def shipping(
        self, classifier: EmbeddedClassifier, *, replaces: EmbeddedClassifier | None = None
    ) -> ClassifierFile:
        """A classifier of the server's, for a device."""
        return ClassifierFile(
            classifier=classifier,
            bank=self.settings.bank,
            replaces=replaces,
            server=self.digest,
            corpora=self.corpora,
        )


def prepare(
    settings: Settings,
    corpora: Sequence[Corpus],
    profiles: Profiles,
    *,
    strict: bool = False,
    n_jobs: int = 1,
    progress: Progress = quiet,
) -> Prepared:
    """Make the server that a run with these settings begins with, without any users.

    So the recordings that a run would give to users are left alone, and can be listened to.

    Args:
        profiles: Of which the baseline counts.
        strict: Refuse a corpus with recordings that can't be used.
        n_jobs: Processes that decode and train the teacher; changes no result.

    Raises:
        FedascError: If the corpora can't serve the settings, or these are for simulations alone.
    """
    check_by_hand(settings)
    division = open_division(
        corpora,
        seed=settings.seed,
        nested=settings.nested,
        strict=strict,
        n_jobs=n_jobs,
        progress=progress,
    )
    server = set_up(
        Scenario(
            clips=division.clips,
            library=division.library,
            users=(),
            bank=settings.bank,
            listening=settings.listening,
            streams=division.streams,
            name=division.name,
            pools=division.pool.entries,
        ),
        known=profiles.known(division.library),
        sizes=settings.training_sets,
        embedded=settings.embedded,
        teacher=settings.teacher,
        calibration=settings.calibration,
        n_jobs=n_jobs,
        progress=progress,
    )
    server = with_student(
        server,
        settings.student,
        sizes=settings.training_sets,
        streams=division.streams,
        by=modules_of(settings.teacher),
        progress=progress,
    )
    return Prepared(
        settings=settings,
        server=server,
        corpora=tuple(corpus.fingerprint() for corpus in corpora),
        known=_learnt(division),
    )


def check_by_hand(settings: Settings) -> None:
    """Refuse settings that make sense in a simulation alone.

    Raises:
        SettingsError: If what is heard would be sent as it is, if one device can't be answered
            without others, or if devices would train by themselves.
    """
    aggregator, strategy = settings.aggregator, settings.strategy
    if aggregator.sends_raw:
        raise SettingsError(
            f"aggregator {aggregator.name!r} sends what was heard as it is, for comparisons in a "
            "simulation; take another"
        )
    if issubclass(aggregator.kind, SumShare):
        raise SettingsError(
            f"aggregator {aggregator.name!r} is read as a sum over many devices; by hand there is "
            "one"
        )
    if strategy.device_training() is not None:
        raise SettingsError(
            f"strategy {strategy.name!r} lets devices train by themselves, which only simulated "
            "ones do; take another"
        )


def write_prepared(folder: Path, prepared: Prepared) -> None:
    """Write a server into a folder that is empty, to be sealed."""
    server = prepared.server
    about = {
        "format": FORMAT,
        "server": prepared.digest,
        "corpora": prepared.corpora,
        "settings": as_section(prepared.settings),
    }
    (folder / ABOUT).write_text(json.dumps(about, indent=1), encoding="utf-8")
    write_classifier(folder / BASELINE, prepared.shipping(server.baseline))
    write_classifier(
        folder / COMPREHENSIVE,
        prepared.shipping(server.comprehensive, replaces=server.baseline),
    )
    public = server.public
    arrays: dict[str, Any] = {"axes": public.axes, **public.mixture.arrays()}
    np.savez(folder / PUBLIC, **arrays)
    np.save(folder / _KNOWN, prepared.known)
    write_server(folder, server)


def read_prepared(folder: Path) -> Prepared:
    """The server that was written, equal to the last bit.

    Raises:
        SettingsError: If there is none, it is damaged, or of another version.
    """
    about = read_about(folder)
    settings = settings_of(about["settings"], where=str(folder / ABOUT))
    return Prepared(
        settings=settings,
        server=read_server(
            folder,
            teacher=settings.teacher,
            calibration=settings.calibration,
            embedded=settings.embedded,
        ),
        corpora=tuple(about["corpora"]),
        known=np.load(folder / _KNOWN, allow_pickle=False),
    )


def _learnt(division: Division) -> NDArray[np.uint32]:
    """Checksums of the clips that the server's training sets are made of, rising."""
    learnt = [index for index, part in enumerate(division.parts) if part in SERVER_PARTS]
    return np.unique(checksums(division.clips, learnt))
