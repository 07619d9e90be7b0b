"""Classifiers tried on recordings."""

from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import pytest

from fedasc.audio import Signal
from fedasc.audio.bank import FilterBank
from fedasc.corpus.pool import Pool, open_pool
from fedasc.corpus.recordings import Recording
from fedasc.errors import CorpusError, SettingsError
from fedasc.live.classifier_file import ClassifierFile
from fedasc.live.known import checksums, unknown_clips
from fedasc.live.rivals import rivals
from fedasc.live.trial import Trial, scenes_of, trial
from fedasc.report.trial import trial_summary, trial_table
from fedasc.scenes import Scene
from tests.live.servers import tiny_server, written
from tests.worlds import TinyCorpus, same_classifier, tiny_world

BANK = FilterBank()


@dataclass(frozen=True)
class OfLabels:
    """Some of a tiny corpus."""

    labels: tuple[str, ...]
    whole: TinyCorpus = field(default_factory=lambda: TinyCorpus(n_groups=2))

    @cached_property
    def _kept(self) -> tuple[int, ...]:
        recordings = enumerate(self.whole.recordings)
        return tuple(index for index, each in recordings if each.label in self.labels)

    @property
    def recordings(self) -> tuple[Recording, ...]:
        return tuple(self.whole.recordings[index] for index in self._kept)

    name = "some"

    def fingerprint(self) -> str:
        return f"some {self.labels}"

    def seconds(self, index: int) -> float:
        return 10.0

    def read(self, index: int) -> Signal:
        return self.whole.read(self._kept[index])


def always(scene: Scene):  # type: ignore[no-untyped-def]
    return lambda x: np.full(len(x), int(scene), np.int64)


def tried(pool: Pool, **options: object) -> Trial:
    classifiers = {"music": always(Scene.MUSIC), "noise": always(Scene.NOISE)}
    return trial(pool, classifiers, bank=BANK, n_windows=40, seed=1, **options)  # type: ignore[arg-type]


def test_classifiers_are_tried_on_the_same_windows_of_all_scenes() -> None:
    pool = open_pool([TinyCorpus(n_groups=1, n_takes=1)])
    one = tried(pool)
    counts = np.bincount(one.truth, minlength=4)
    assert counts.sum() == 40
    assert counts.min() > 0
    assert one.confusion("music").accuracy == counts[Scene.MUSIC] / 40
    assert one.confusion("music").recall(Scene.MUSIC) == 1.0
    assert tried(pool).truth.tolist() == one.truth.tolist()
    assert one.n_known == 0


@pytest.mark.parametrize(
    ("labels", "scenes"),
    [
        (("noise",), {Scene.NOISE}),
        (("music", "noise"), {Scene.NOISE, Scene.MUSIC}),
        (("noise", "speech"), {Scene.NOISE, Scene.SPEECH, Scene.SPEECH_IN_NOISE}),
        (("speech",), set()),
    ],
)
def test_scenes_are_tried_that_recordings_can_make(
    labels: tuple[str, ...], scenes: set[Scene]
) -> None:
    assert set(scenes_of(labels)) == scenes
    pool = open_pool([OfLabels(labels)])
    if scenes:
        assert {Scene(each) for each in tried(pool).truth} == scenes
    else:
        with pytest.raises(CorpusError, match="no recording makes a scene"):
            tried(pool)


def test_groups_that_the_server_has_heard_a_clip_of_are_left_out() -> None:
    pool = tiny_world().pool
    heard = [0, 5, 60]
    known = checksums(pool.clips, heard)
    sums = checksums(pool.clips, range(len(pool.recordings)))
    groups = {pool.recordings[index].group for index in heard}
    left = unknown_clips(pool.recordings, sums, known)
    assert [each.group not in groups for each in pool.recordings] == left.tolist()
    assert tried(pool, known=known).n_known == (~left).sum() > len(heard)
    with pytest.raises(CorpusError, match="that the server hasn't learnt from"):
        tried(pool, known=sums)


def test_the_interval_reckons_with_windows_of_one_recording_being_alike() -> None:
    rng = np.random.default_rng(3)
    group = np.repeat(np.arange(20), 50)
    by_group = np.repeat(rng.random(20) < 0.5, 50)
    each = rng.random(1000) < 0.5
    truth = np.zeros(1000, np.int64)
    predicted = {
        "before": np.ones(1000, np.int64),
        "groups": np.where(by_group, 0, 1),
        "windows": np.where(each, 0, 1),
    }
    one = Trial(truth=truth, group=group, predicted=predicted)
    gain, low, high = one.gain("groups", "before")
    _, lower, higher = one.gain("windows", "before")
    assert gain == by_group.mean()
    # the standard error of 20 means, of which a 95 % interval has 1.96 on either side
    assert high - low == pytest.approx(2 * 1.96 * by_group.std() / np.sqrt(20), rel=0.1)
    assert higher - lower < (high - low) / 3
    assert one.gain("before", "before") == (0.0, 0.0, 0.0)
    alone = replace(one, group=np.zeros(1000, np.int64))
    assert np.isnan(alone.gain("groups", "before")[1:]).all()


def test_a_classifier_is_tried_beside_what_it_replaces_and_the_server_has(tmp_path: Path) -> None:
    prepared = tiny_server()
    server = prepared.server
    made = prepared.shipping(server.comprehensive, replaces=server.baseline)
    folder, corpus = written(tmp_path / "server", prepared), TinyCorpus()
    alone = rivals(made, [corpus], server=None)
    assert (list(alone.predictions), alone.over) == (["this one", "before"], "before")
    assert not len(alone.known)
    beside = rivals(made, [corpus], server=folder)
    assert list(beside.predictions) == ["this one", "before", "all data", "teacher"]
    x = server.comprehensive_set.validation.x
    expected = server.teacher.probabilities(x).argmax(axis=1)
    assert beside.predictions["teacher"](x).tolist() == expected.tolist()
    assert beside.predictions["before"](x).tolist() == server.baseline.predict(x).tolist()
    assert beside.known.tolist() == prepared.known.tolist()
    bare = ClassifierFile(classifier=server.baseline, bank=made.bank)
    assert rivals(bare, [corpus], server=None).over == "this one"
    with pytest.raises(SettingsError, match="not the server that made"):
        rivals(bare, [corpus], server=folder)
    assert same_classifier(made.classifier, server.comprehensive)


def test_what_the_server_learnt_from_is_not_tried_without_it() -> None:
    corpus = TinyCorpus()
    prepared = replace(tiny_server(), corpora=(corpus.fingerprint(),))
    made = prepared.shipping(prepared.server.comprehensive)
    with pytest.raises(SettingsError, match=r"tiny: .* has learnt from it; give .* --server"):
        rivals(made, [corpus], server=None)


def test_the_table_and_its_numbers_are_the_same() -> None:
    one = tried(open_pool([TinyCorpus(n_groups=1, n_takes=1)]))
    summary = trial_summary(one, over="noise")
    music = summary["classifiers"]["music"]
    assert music["accuracy"] == one.confusion("music").accuracy
    assert music["scenes"] == {"noise": 0.0, "music": 1.0, "speech": 0.0, "speech_in_noise": 0.0}
    assert "gain" not in summary["classifiers"]["noise"]
    table = trial_table(one, over="noise")
    assert [heading.replace("\xa0", " ") for heading in table.headings] == [
        *("classifier", "accuracy", "noise", "music", "speech", "speech in noise"),
        *("over noise", "95 % interval"),
    ]
    cells = [[str(cell) for cell in column] for column in zip(*table.sections[0], strict=True)]
    assert cells[0] == ["music", "noise"]
    assert cells[6] == [f"{100 * music['gain']:+.1f}", ""]
