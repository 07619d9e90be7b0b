"""What `import fedasc` offers beside the classes: runs as calls."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_limits

from fedasc.atomic import dated
from fedasc.corpus.builders.naming import AS_NAMED, Naming
from fedasc.corpus.folder import read_corpus, require_all
from fedasc.corpus.recordings import Corpus
from fedasc.corpus.synthetic import SyntheticCorpus
from fedasc.errors import SettingsError
from fedasc.execution import ALL_CPUS, Execution
from fedasc.night import Observer
from fedasc.population.profile import Profiles, suitable_profiles
from fedasc.progress import Progress, quiet
from fedasc.runs import run as runs
from fedasc.runs.inputs import Inputs
from fedasc.runs.result import Run
from fedasc.runs.settings_file import Asked, read_settings
from fedasc.settings import Settings, settings_of
from fedasc.trackers.tracking import trackers_of

AnySettings = Settings | Mapping[str, Any] | str | Path | None
"""Settings; what a settings file says; its path; or nothing for the defaults."""

AnyCorpus = Corpus | str | Path
"""A corpus, or the path of a manifest or of a folder of recordings."""


def run(
    settings: AnySettings = None,
    *,
    corpus: AnyCorpus | Sequence[AnyCorpus] | None = None,
    profiles: Profiles | str | Path | None = None,
    users: str | Path | None = None,
    folder: str | Path | None = None,
    execution: Execution = ALL_CPUS,
    strict: bool = False,
    teacher_file: str | Path | None = None,
    details: bool | None = None,
    audio: bool | None = None,
    observers: Sequence[Observer] = (),
    track: str | Sequence[str] = (),
    progress: Progress = quiet,
) -> Run:
    """Simulate one night or several; the same as the command `fedasc run`.

    Args:
        settings: Settings, a mapping as a settings file has it, or the path of such a file. That in
            the folder of a run says also what else this was made of, so that it is made again.
        corpus: Manifests, folders of recordings, or corpora; the embedded one if None.
        profiles: Who the users are: a path, or wide, auto, own or dirichlet; wide if None, or auto
            if the corpus hasn't all that wide names.
        users: File of users, in place of drawing them from the profiles.
        folder: For the results, where there must be nothing yet; a new one in runs if None. It is
            there from the start, and `resume` goes on with it after an interruption.
        execution: Who computes it; changes no result.
        strict: Refuse a corpus with recordings that can't be used.
        teacher_file: A teacher trained before, in place of a new one.
        details: Keep what devices sent, and what every window of the last night was taken for;
            unless the settings' file says otherwise if None.
        audio: Put windows to listen to into the report, which need the details; likewise.
        observers: Called after every night, with the night and the state that it left; if there are
            more devices than `execution` has in a cohort, after every cohort of it.
        track: Trackers that are told of every night: tensorboard, mlflow, wandb, trackio, or one of
            your own as module:Class or file.py:Class. They write to the folder tracking in that of
            the run, or to another one that is named as in mlflow=FOLDER.
        progress: Called with a phase, the steps done and their total.

    Raises:
        FedascError: If settings, corpus and profiles don't go together, or devices failed.
    """
    file = read_settings(Path(settings)) if isinstance(settings, str | Path) else Asked()
    corpora = asked_corpora(file, corpus)
    who = profiles_of(profiles or file.profiles, corpora)
    inputs = Inputs(
        settings=settings_from(file if file.path.name else settings, who),
        corpora=corpora,
        profiles=who,
        roster=_path(users) or file.roster,
        strict=strict or file.strict,
        teacher_file=_path(teacher_file) or file.teacher_file,
        language=file.device_code,
        details=file.details if details is None else details,
        audio=file.audio if audio is None else audio,
    )
    place = _path(folder) or dated("runs")
    with threadpool_limits(1):
        return runs.run(
            inputs,
            folder=place,
            execution=execution,
            observers=observers,
            track=trackers_of(track),
            progress=progress,
        )


def resume(
    folder: str | Path,
    *,
    corpus: AnyCorpus | Sequence[AnyCorpus] | None = None,
    execution: Execution = ALL_CPUS,
    observers: Sequence[Observer] = (),
    track: str | Sequence[str] = (),
    progress: Progress = quiet,
) -> Run:
    """Go on with an interrupted run after its last finished night, as if it had never stopped.

    Args:
        folder: Of the run.
        corpus: The same as before, if it has moved.
        execution: Need not be the same, nor the machine.
        observers, progress: See `run`.
        track: Likewise; trackers that the run had go on by themselves.

    Raises:
        FedascError: If it can't go on, or devices failed.
    """
    with threadpool_limits(1):
        return runs.resume(
            Path(folder),
            corpora=corpora_of(corpus) if corpus else None,
            execution=execution,
            observers=observers,
            track=trackers_of(track),
            progress=progress,
        )


def settings_from(settings: AnySettings | Asked, profiles: Profiles | None = None) -> Settings:
    """Settings of what a caller has of them.

    Args:
        profiles: Whose users' settings hold where a mapping or a file says nothing; ready settings
            say everything.

    Raises:
        SettingsError: If they can't be used.
    """
    if isinstance(settings, Settings):
        return settings
    if isinstance(settings, str | Path):
        settings = read_settings(Path(settings))
    if isinstance(settings, Asked):
        return settings_of(settings.settings, where=str(settings.path), profiles=profiles)
    return settings_of(settings or {}, where="settings", profiles=profiles)


def corpora_of(
    corpus: AnyCorpus | Sequence[AnyCorpus] | None, naming: Naming = AS_NAMED
) -> list[Corpus]:
    """Where recordings come from: the embedded corpus, if nothing is given.

    Args:
        naming: What folders and files are called, of folders without a manifest.

    Raises:
        CorpusError: If a manifest or a folder can't be used, or folders lack a label.
        SettingsError: If there is no folder that the naming is about.
    """
    if not corpus:
        if naming != AS_NAMED:
            raise SettingsError("--label and --group are for a folder of recordings; name one")
        return [SyntheticCorpus()]
    several = corpus if isinstance(corpus, Sequence) and not isinstance(corpus, str) else [corpus]
    corpora = [
        read_corpus(Path(one), naming) if isinstance(one, str | Path) else one for one in several
    ]
    require_all(corpora)
    return corpora


def asked_corpora(
    file: Asked, corpus: AnyCorpus | Sequence[AnyCorpus] | None, naming: Naming = AS_NAMED
) -> Sequence[Corpus]:
    """Where recordings come from: a settings file says so, if it is a run's.

    Args:
        corpus, naming: See `corpora_of`.

    Raises:
        CorpusError: Likewise, or if they aren't those of the run.
        SettingsError: See `corpora_of`.
    """
    known = file.corpora(corpora_of(corpus, naming) if corpus else None)
    return corpora_of(corpus, naming) if known is None else known


def profiles_of(profiles: Profiles | str | Path | None, corpora: Sequence[Corpus]) -> Profiles:
    """Who the users are: those that suit the corpora, if nothing is given or a name alone.

    Raises:
        SettingsError: If they can't be used.
    """
    if isinstance(profiles, Profiles):
        return profiles
    embedded = all(isinstance(corpus, SyntheticCorpus) for corpus in corpora)
    return suitable_profiles(str(profiles or ""), corpora, embedded=embedded)


def _path(path: str | Path | None) -> Path | None:
    return None if path is None else Path(path)
