"""What devices sent and what windows were taken for, as the folder of a run keeps it."""

import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fedasc.aggregators.summary import Summary
from fedasc.errors import SettingsError
from fedasc.evaluation.predictions import Predictions
from fedasc.evaluation.scores import CLASSIFIERS
from fedasc.night import Night, run_night
from fedasc.probes.diagnosis import look_into
from fedasc.release.release import Release
from fedasc.runs.details import Details, forget_details
from fedasc.runs.predictions import read_predictions, write_predictions
from fedasc.runs.summaries import read_summaries, write_summaries
from fedasc.seeds import Purpose
from fedasc.simulated import hear
from fedasc.strategies.none import NoStrategy
from fedasc.world import World
from tests.worlds import AGGREGATOR, N_EVALUATION, N_USERS, RELEASE, tiny_world

CODED = Release(min_windows=1, bits=8)


@pytest.fixture(scope="module")
def world() -> World:
    return tiny_world()


@pytest.fixture(scope="module")
def night(world: World) -> Night:
    made, _ = run_night(
        world.scenario,
        world.server,
        aggregator=AGGREGATOR,
        release=RELEASE,
        strategy=NoStrategy(),
    )
    return made


def made_up(*devices: int, seed: int = 0) -> dict[int, Predictions]:
    rng = np.random.default_rng(seed)
    return {
        device: Predictions.of(
            rng.integers(4, size=5 + device),
            {name: rng.integers(4, size=5 + device) for name in CLASSIFIERS},
        )
        for device in devices
    }


def same(a: Mapping[int, Predictions], b: Mapping[int, Predictions]) -> bool:
    def facts(of: Mapping[int, Predictions]) -> list[Any]:
        return [
            (device, one.truth.tolist(), *(one.said[name].tolist() for name in CLASSIFIERS))
            for device, one in of.items()
        ]

    return facts(a) == facts(b)


def without_pyarrow(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(sys.modules, "pyarrow", None)
    patch.setitem(sys.modules, "pyarrow.parquet", None)


def test_predictions_are_what_classifiers_say_of_the_windows_and_count_up_to_the_scores(
    world: World, night: Night
) -> None:
    assert list(night.diagnoses) == list(range(N_USERS))
    for device, diagnosis in night.diagnoses.items():
        windows = hear(world.scenario, device, Purpose.EVALUATION)
        told = diagnosis.predictions
        np.testing.assert_array_equal(told.truth, windows.scene)
        server = world.server
        for name, classifier in {
            "baseline": server.baseline,
            "personal": server.baseline,  # nobody gets another one
            "comprehensive": server.comprehensive,
        }.items():
            np.testing.assert_array_equal(told.said[name], classifier.predict(windows.x))
            expected = night.scores[device][name].counts
            np.testing.assert_array_equal(told.confusion(name).counts, expected)
        expected = server.teacher.probabilities(windows.x).argmax(axis=1)
        np.testing.assert_array_equal(told.said["teacher"], expected)


@pytest.mark.parametrize("has_pyarrow", [True, False])
def test_predictions_come_back_from_parts_of_either_kind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, has_pyarrow: bool
) -> None:
    first, second = made_up(0, 2), made_up(3, 7, seed=1)
    with monkeypatch.context() as patch:
        if not has_pyarrow:
            without_pyarrow(patch)
        write_predictions(tmp_path, first)
    write_predictions(tmp_path, second, 1)
    kinds = ["parquet" if has_pyarrow else "npz", "parquet"]
    names = {f"predictions.{kinds[0]}", f"predictions.1.{kinds[1]}"}
    assert {path.name for path in tmp_path.iterdir()} == names
    kept = read_predictions(tmp_path)
    assert [*kept] == [0, 2, 3, 7]
    assert len(kept[7].truth) == 12
    assert same(kept, first | second)
    assert 1 not in kept
    write_predictions(tmp_path, made_up(0))  # again, by whoever goes on
    assert same(read_predictions(tmp_path), made_up(0) | second)


def test_parquet_without_pyarrow_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_predictions(tmp_path, made_up(0))
    without_pyarrow(monkeypatch)
    with pytest.raises(SettingsError, match=r"predictions\.parquet: is read with pyarrow"):
        _ = read_predictions(tmp_path)[0]


def test_parquet_names_scenes_for_all_who_read_it(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    known = made_up(4)
    write_predictions(tmp_path, known)
    table = pandas.read_parquet(tmp_path / "predictions.parquet")
    assert [*table.columns] == ["device", "window", "scene", *CLASSIFIERS]
    names = ["noise", "music", "speech", "speech_in_noise"]
    assert table["personal"].tolist() == [names[scene] for scene in known[4].said["personal"]]
    assert table["window"].tolist() == [*range(9)]


def test_nobody_left_is_kept_too(tmp_path: Path) -> None:
    write_predictions(tmp_path, {})
    write_predictions(tmp_path, made_up(5), 1)
    write_summaries(tmp_path, {}, night=0)
    assert [*read_predictions(tmp_path)] == [5]
    kept = read_summaries(tmp_path, night=0, kind=AGGREGATOR.kind, encoding=RELEASE.encoding)
    assert (len(kept), len(kept.paths)) == (0, 1)


def test_summaries_come_back_in_the_bits_that_were_sent(night: Night, tmp_path: Path) -> None:
    coded = {
        device: Summary.of(one.content, one.n_windows, encoding=CODED.encoding)
        for device, one in night.summaries.items()
    }
    for number, (summaries, encoding) in enumerate(
        ((night.summaries, RELEASE.encoding), (coded, CODED.encoding))
    ):
        some = {device: summaries[device] for device in (1, 3)}
        write_summaries(tmp_path, some, night=number)
        write_summaries(tmp_path, {0: summaries[0]}, night=number, part=1)
        kept = read_summaries(tmp_path, night=number, kind=AGGREGATOR.kind, encoding=encoding)
        assert [*kept] == [1, 3, 0]
        for device in kept:
            there = summaries[device]
            assert kept[device].n_windows == there.n_windows
            assert kept[device].n_bytes == there.n_bytes
            assert list(kept[device].arrays) == list(there.arrays)
            for name, array in there.arrays.items():
                again = kept[device].arrays[name]
                assert (again.dtype, again.tobytes()) == (array.dtype, array.tobytes())


def test_windows_are_kept_of_the_last_night_alone(night: Night, tmp_path: Path) -> None:
    details = Details(tmp_path, n_nights=2)
    details.write(night)
    assert not read_predictions(tmp_path).paths
    details.write(replace(night, number=1))
    assert [len(one.truth) for one in read_predictions(tmp_path).values()] == [N_EVALUATION] * 4
    assert sorted(path.name for path in (tmp_path / "summaries").iterdir()) == ["0.npz", "1.npz"]
    forget_details(tmp_path)
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize("name", ["predictions.parquet", "predictions.npz", "summaries/0.npz"])
def test_damage_is_told(
    night: Night, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    with monkeypatch.context() as patch:
        if name.endswith("s.npz"):
            without_pyarrow(patch)
        Details(tmp_path, n_nights=1).write(night)
    path = tmp_path / name
    path.write_bytes(path.read_bytes()[:200])
    kept: dict[str, Mapping[int, Any]] = {
        "summaries": read_summaries(
            tmp_path, night=0, kind=AGGREGATOR.kind, encoding=RELEASE.encoding
        ),
        "predictions": read_predictions(tmp_path),
    }
    with pytest.raises(SettingsError, match=f"{name}: damaged"):
        _ = kept[Path(name).parts[0].partition(".")[0]][0]


def test_a_device_that_tells_other_counts_is_named(
    world: World, night: Night, caplog: pytest.LogCaptureFixture
) -> None:
    scores = {0: night.scores[0], 1: night.scores[0]}
    if np.array_equal(night.scores[0]["personal"].counts, night.scores[1]["personal"].counts):
        pytest.fail("two devices with the same counts tell nothing apart")
    seen = look_into(world.scenario, world.server, NoStrategy(), {}, {}, scores=scores, held={})
    assert "device 1 told other counts of classifier 'personal'" in caplog.text
    assert "device 0" not in caplog.text
    own = night.scores[1]["personal"].counts
    np.testing.assert_array_equal(seen[1].predictions.confusion("personal").counts, own)
    caplog.clear()
    scores = {0: night.scores[1], 1: night.scores[0]}
    look_into(world.scenario, world.server, NoStrategy(), {}, {}, scores=scores, held={})
    assert "device 0 and 1 more told other counts of classifier 'personal'" in caplog.text
    assert len(caplog.records) <= len(scores[0])  # a line for each classifier, not each device


def test_what_a_device_goes_on_with_is_its_personal_classifier(world: World) -> None:
    held = {0: world.server.comprehensive}
    seen = look_into(
        world.scenario, world.server, NoStrategy(), {}, {}, scores={0: {}, 1: {}}, held=held
    )
    said = seen[0].predictions.said
    np.testing.assert_array_equal(said["personal"], said["comprehensive"])
    said = seen[1].predictions.said
    np.testing.assert_array_equal(said["personal"], said["baseline"])
