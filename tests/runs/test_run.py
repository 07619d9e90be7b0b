from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from fedasc.aggregators.aggregator import Stream
from fedasc.aggregators.draft import Draft
from fedasc.aggregators.gmm import GmmAggregator
from fedasc.aggregators.mixture import Mixture
from fedasc.aggregators.public import Public
from fedasc.aggregators.summary import Summary
from fedasc.atomic import claimed
from fedasc.corpus.manifest import read_manifest
from fedasc.errors import CorpusError, RunError, SettingsError, StorageError
from fedasc.execution import Execution
from fedasc.models.embedded import EmbeddedClassifier
from fedasc.night import Night, State
from fedasc.population.attendance import NightsSettings
from fedasc.report.table import result_table
from fedasc.runs.classifiers import read_classifier_of
from fedasc.runs.folder import is_finished
from fedasc.runs.inputs import Inputs
from fedasc.runs.result import Run, load
from fedasc.runs.run import resume, run
from fedasc.seeds import Purpose, Streams
from fedasc.strategies.personalised import PersonalisedStrategy
from tests.disks import small_files
from tests.worlds import (
    AGGREGATOR,
    N_USERS,
    PROFILES,
    RELEASE,
    SETTINGS,
    TinyCorpus,
    same_classifier,
    write_recordings,
)

N_NIGHTS = 4
LOCAL = Execution(engine="local", n_workers=1)
REASON = "ValueError: no microphone"
"""How it ends."""
ON_RAY = (pytest.mark.ray, pytest.mark.filterwarnings("ignore"))


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Inputs:
    folder = tmp_path_factory.mktemp("recordings")
    return Inputs(
        settings=replace(
            SETTINGS,
            nights=NightsSettings(n_nights=N_NIGHTS, dropout=0.2, straggle=0.2),
            aggregator=AGGREGATOR,
            release=RELEASE,
            strategy=PersonalisedStrategy(memory=0.5, start="continued", n_epochs=2, amount=1.0),
        ),
        corpora=(read_manifest(write_recordings(folder)),),
        profiles=PROFILES,
        audio=False,
    )


@pytest.fixture(autouse=True, scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """One for all of these runs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FEDASC_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def undisturbed(inputs: Inputs, tmp_path_factory: pytest.TempPathFactory) -> Run:
    return run(inputs, folder=tmp_path_factory.mktemp("runs") / "whole", execution=LOCAL)


class PowerCut(BaseException):
    """What nobody expects."""


def until(n_nights: int, error: BaseException) -> Callable[[Night, State], None]:
    """Ends a run after so many nights."""

    def observe(night: Night, state: State) -> None:
        if state.night == n_nights:
            raise error

    return observe


@pytest.mark.parametrize(
    ("n_nights", "execution"),
    [
        (1, LOCAL),
        (3, Execution(engine="local", per_node=3)),
        (N_NIGHTS, LOCAL),
        pytest.param(2, Execution(n_workers=2), marks=ON_RAY),
    ],
)
def test_a_run_goes_on_as_if_it_had_never_stopped(
    inputs: Inputs, undisturbed: Run, tmp_path: Path, n_nights: int, execution: Execution
) -> None:
    folder = tmp_path / "run"
    with pytest.raises(PowerCut):
        run(inputs, folder=folder, execution=LOCAL, observers=[until(n_nights, PowerCut())])
    assert not is_finished(folder)
    assert not (folder / "devices.csv").exists()
    assert f"--resume {folder}" in (folder / "UNFINISHED").read_text()
    nights = []
    gone_on = resume(
        folder, execution=execution, observers=[lambda night, _: nights.append(night.number)]
    )
    assert nights == list(range(n_nights, N_NIGHTS))
    assert is_finished(folder)
    tables = ("devices.csv", "nights.csv", "users.csv", "confusions.csv")
    for name in (*tables, "settings.json", "settings.toml", "predictions.parquet"):
        assert (folder / name).read_bytes() == (undisturbed.folder / name).read_bytes()
    for night in range(N_NIGHTS):
        here, there = (one / "summaries" / f"{night}.npz" for one in (folder, undisturbed.folder))
        assert here.read_bytes() == there.read_bytes()
    assert len(gone_on.provenance["sessions"]) == 2
    assert len(gone_on.records) == N_NIGHTS
    names = {path.name for path in folder.iterdir()}
    assert names == {path.name for path in undisturbed.folder.iterdir()}
    assert not names & {"UNFINISHED", "state", ".lock"}


@pytest.mark.parametrize("n_parts", [1, 3, 6])
def test_a_run_goes_on_after_the_last_cohort(
    inputs: Inputs, undisturbed: Run, tmp_path: Path, n_parts: int
) -> None:
    folder = tmp_path / "run"
    told: list[tuple[int, int]] = []

    def note(night: Night, state: State) -> None:
        told.append((night.number, night.cohort))
        if len(told) == n_parts:
            raise PowerCut

    with pytest.raises(PowerCut):
        run(inputs, folder=folder, execution=replace(LOCAL, per_cohort=3), observers=[note])
    gone_on = resume(folder, execution=LOCAL, observers=[note])
    assert told == [(night, cohort) for night in range(N_NIGHTS) for cohort in range(2)]
    for name in ("devices.csv", "nights.csv", "users.csv", "summary.json"):
        assert _without_times(folder / name) == _without_times(undisturbed.folder / name)
    assert [len(night) for night in gone_on.records] == [len(n) for n in undisturbed.records]
    assert [[record.as_json() for record in night] for night in load(folder).records] == [
        [record.as_json() for record in night] for night in undisturbed.records
    ]
    for device in (None, *range(N_USERS)):
        here, there = (read_classifier_of(f, device) for f in (folder, undisturbed.folder))
        assert same_classifier(here, there)
    loaded = load(folder)
    assert [len(loaded.summaries(night).paths) for night in range(N_NIGHTS)] == [2] * N_NIGHTS
    for device in undisturbed.summaries():
        assert same_summary(loaded.summary_of(device), undisturbed.summary_of(device))
    for record in loaded.records[-1]:
        said, before = (one.predictions(record.device) for one in (loaded, undisturbed))
        assert said.truth.tobytes() == before.truth.tobytes()
        for name, score in record.scores.items():
            assert said.said[name].tobytes() == before.said[name].tobytes()
            assert said.confusion(name).counts.tolist() == score.counts.tolist()


def same_summary(a: Summary, b: Summary) -> bool:
    """Whether two summaries are the same to the last bit."""
    facts = [
        {name: (array.dtype, array.shape, array.tobytes()) for name, array in one.arrays.items()}
        for one in (a, b)
    ]
    return facts[0] == facts[1] and a.n_windows == b.n_windows


def _without_times(path: Path) -> str:
    return path.read_text().partition('"seconds"')[0]


def test_a_finished_run_and_what_is_none_do_not_go_on(undisturbed: Run, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="is finished"):
        resume(undisturbed.folder, execution=LOCAL)
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(SettingsError, match="no folder of a run"):
            resume(folder, execution=LOCAL)
        assert not list(tmp_path.iterdir())


def test_who_works_on_a_run_works_alone(inputs: Inputs, tmp_path: Path) -> None:
    folder = tmp_path / "run"

    def meddle(night: Night, state: State) -> None:
        resume(folder, execution=LOCAL)

    with pytest.raises(SettingsError, match="another process works on this run"):
        run(inputs, folder=folder, execution=LOCAL, observers=[meddle])


def test_what_cannot_be_run_leaves_nothing(inputs: Inputs, tmp_path: Path) -> None:
    unknown = {"home": replace(PROFILES.users["home"], music=("opera",))}
    wrong = replace(inputs, profiles=replace(PROFILES, users=unknown))
    with pytest.raises(CorpusError, match="opera"):
        run(wrong, folder=tmp_path / "run", execution=LOCAL)
    assert not list(tmp_path.iterdir())


def test_what_failed_can_go_on(inputs: Inputs, undisturbed: Run, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    failed = until(1, RunError("3 of 4 devices are missing"))
    with pytest.raises(RunError):
        run(inputs, folder=folder, execution=LOCAL, observers=[failed])
    resume(folder, execution=LOCAL)
    expected = (undisturbed.folder / "devices.csv").read_bytes()
    assert (folder / "devices.csv").read_bytes() == expected


@dataclass(frozen=True, kw_only=True)
class Moody(GmmAggregator):
    """Fails with some seeds, and so on some devices."""

    fails: tuple[int, ...] = ()

    def summarise(
        self, stream: Stream, *, classifier: EmbeddedClassifier, public: Public, seed: int
    ) -> Draft[Mixture]:
        if seed in self.fails:
            raise ValueError("no microphone")
        return super().summarise(stream, classifier=classifier, public=public, seed=seed)


def test_a_run_tells_whom_it_lost(inputs: Inputs, tmp_path: Path) -> None:
    fails = (Streams(SETTINGS.seed).integer(Purpose.SUMMARY, 0, 1),)
    settings = replace(
        inputs.settings,
        nights=NightsSettings(n_nights=2),
        aggregator=Moody(n_components=3, min_windows=1, fails=fails),
    )
    made = run(replace(inputs, settings=settings), folder=tmp_path / "run", execution=LOCAL)
    read = load(tmp_path / "run")
    for known in (made, read):
        (lost,) = known.lost
        assert (lost.night, lost.device) == (0, 1)
        assert lost.lost.startswith("aggregator 'tests.runs.test_run:Moody' failed at ")
        assert lost.lost.endswith(REASON)
        assert [
            (row["n_users"], row["n_lost"]) for row in known.nights if row["profile"] == "all"
        ] == [(N_USERS - 1, 1), (N_USERS, 0)]
    console = Console(width=200)
    with console.capture() as capture:
        console.print(result_table(read.overview, {}))
    assert f"night 0, device 1: {lost.lost}" in capture.get()


def test_an_existing_folder_is_left_alone(inputs: Inputs, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="exists"):
        run(inputs, folder=tmp_path, execution=LOCAL)
    assert tmp_path.is_dir()


def test_a_corpus_in_memory_is_given_again(inputs: Inputs, tmp_path: Path) -> None:
    folder, corpora = tmp_path / "run", (TinyCorpus(),)
    with pytest.raises(PowerCut):
        run(
            replace(inputs, corpora=corpora),
            folder=folder,
            execution=LOCAL,
            observers=[until(1, PowerCut())],
        )
    with pytest.raises(CorpusError, match="give the same corpus again"):
        resume(folder, execution=LOCAL)
    assert is_finished(resume(folder, corpora=corpora, execution=LOCAL).folder)


@pytest.mark.usefixtures("undisturbed")  # the cache has what it needs
@pytest.mark.parametrize("n_bytes", [0, 500])
def test_a_run_that_finds_no_room_at_the_start_leaves_nothing(
    inputs: Inputs, tmp_path: Path, n_bytes: int
) -> None:
    folder = tmp_path / "run"
    with pytest.raises(StorageError, match=f"{folder}.*: the disk is full"), small_files(n_bytes):
        run(inputs, folder=folder, execution=LOCAL)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("n_bytes", "n_nights"), [(30_000, 2), (60_000, N_NIGHTS)])
def test_a_full_disk_costs_nothing_that_was_finished(
    inputs: Inputs, undisturbed: Run, tmp_path: Path, n_bytes: int, n_nights: int
) -> None:
    """First a state of the run has no room, then, when it has its classifiers, a plot."""
    folder = tmp_path / "run"
    with pytest.raises(StorageError, match=f"{folder}.*: the disk is full"), small_files(n_bytes):
        run(inputs, folder=folder, execution=LOCAL)
    ended = {"classifiers.npz", "predictions.parquet"} if n_nights == N_NIGHTS else set()
    begun = {"UNFINISHED", "run.json", "settings.toml", "profiles.toml", "provenance.json"}
    names = {*begun, *ended, "nights", "summaries", "state"}
    assert {path.name for path in folder.iterdir()} == names
    nights = []
    resume(folder, execution=LOCAL, observers=[lambda night, _: nights.append(night.number)])
    assert len(nights) == N_NIGHTS - n_nights
    for path in undisturbed.folder.rglob("*.*"):
        if path.name not in ("summary.json", "run.json", "provenance.json"):  # of time
            assert (folder / path.relative_to(undisturbed.folder)).read_bytes() == path.read_bytes()
    assert {path.name for path in folder.iterdir()} == {
        path.name for path in undisturbed.folder.iterdir()
    }


def test_a_folder_that_another_process_makes_is_left_to_it(inputs: Inputs, tmp_path: Path) -> None:
    with (
        claimed(tmp_path / "run"),
        pytest.raises(SettingsError, match="another process makes it"),
    ):
        run(inputs, folder=tmp_path / "run", execution=LOCAL)
    assert not list(tmp_path.iterdir())
