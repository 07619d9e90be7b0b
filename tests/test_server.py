from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import fedasc.server
from fedasc.corpus.library import Surroundings
from fedasc.corpus.training import TrainingSetSettings, balanced_windows
from fedasc.corpus.windows import Windows
from fedasc.errors import CorpusError, SettingsError
from fedasc.models.calibration import calibrated
from fedasc.models.committee import CommitteeSettings
from fedasc.models.ensemble import EnsembleSettings
from fedasc.models.samples import TrainingSet
from fedasc.models.training import EmbeddedSettings, train
from fedasc.seal import seal
from fedasc.seeds import Purpose
from fedasc.server import Server, set_up, shipped_teacher
from fedasc.world import World
from tests.strategies.servers import LinearTeacher
from tests.worlds import PROFILES, SETTINGS, groups_of, make_server, same_classifier, tiny_world


@pytest.fixture(scope="module")
def world() -> World:
    return tiny_world()


def test_what_tells_a_teacher_from_others_is_worked_out_once_but_never_taken_for_anothers(
    world: World,
) -> None:
    digest = world.server.teacher_digest
    there = world.server.still(torch_device="cpu:0").on_device()
    assert vars(there)["teacher_digest"] == digest
    other = replace(world.server, teacher=LinearTeacher())
    assert "teacher_digest" not in vars(other)
    assert other.teacher_digest != digest
    assert other.still(student=None).teacher_digest == other.teacher_digest


def test_training_sets_hold_every_scene_equally_often(world: World) -> None:
    baseline, comprehensive = world.server.baseline_set, world.server.comprehensive_set
    assert np.bincount(baseline.training.scene).tolist() == [20] * 4
    assert np.bincount(baseline.validation.scene).tolist() == [10] * 4
    assert np.bincount(comprehensive.training.scene).tolist() == [40] * 4
    assert np.bincount(comprehensive.validation.scene).tolist() == [10] * 4


@pytest.mark.bits
def test_a_server_made_anew_is_bitwise_the_same(world: World) -> None:
    again = make_server(world.scenario)
    assert again.baseline_set.digest() == world.server.baseline_set.digest()
    assert again.comprehensive_set.digest() == world.server.comprehensive_set.digest()
    assert same_classifier(again.baseline, world.server.baseline)
    assert same_classifier(again.comprehensive, world.server.comprehensive)
    x = world.server.baseline_set.validation.x
    np.testing.assert_array_equal(
        again.teacher.probabilities(x), world.server.teacher.probabilities(x)
    )


def test_shipped_classifiers_learn_their_sets_by_way_of_the_teacher(world: World) -> None:
    server = world.server
    for number, name in enumerate(("baseline", "comprehensive")):
        lessons: TrainingSet = getattr(server, f"{name}_transfer_set")
        samples: TrainingSet = getattr(server, f"{name}_set")
        n = len(samples.training)
        assert len(lessons.training) == n + SETTINGS.training_sets.artificial
        np.testing.assert_array_equal(lessons.training.x[:n], samples.training.x)
        np.testing.assert_allclose(
            lessons.training.targets(), server.teacher.probabilities(lessons.training.x), rtol=1e-6
        )
        seed = world.scenario.streams.sequence(Purpose.EMBEDDED_TRAINING, number)
        assert same_classifier(getattr(server, name), train(SETTINGS.embedded, lessons, seed=seed))


def test_server_trains_on_no_recording_that_users_live_among(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    sets: list[Windows] = []

    def noted(*args: Any, **kwargs: Any) -> Windows:
        sets.append(balanced_windows(*args, **kwargs))
        return sets[-1]

    monkeypatch.setattr(fedasc.server, "balanced_windows", noted)
    make_server(world.scenario)
    training, validation, own_training, own_validation = (
        groups_of(world, windows) for windows in sets
    )
    parts = zip(world.pool.recordings, world.scenario.library.parts, strict=True)
    users = {r.group for r, part in parts if part in ("aggregation", "evaluation")}
    assert len(users) > 10
    assert not (training | validation | own_training | own_validation) & users
    assert not training & validation
    assert not own_training & own_validation
    baseline = {group.split("/")[0] for group in own_training | own_validation}
    assert baseline == {"fan", "dishes", "pop", "rock", "adult", "child"}


def test_each_baseline_has_a_set_of_its_own_and_all_share_the_comprehensive_one(
    world: World,
) -> None:
    library = world.scenario.library
    sets = tuple(("half",) * (index % 2) for index in range(len(library.sets)))
    scenario = replace(world.scenario, library=replace(library, sets=sets))
    servers = [
        set_up(
            scenario,
            known=known,
            sizes=TrainingSetSettings(
                comprehensive=10,
                comprehensive_validation=10,
                baseline=10,
                baseline_validation=10,
            ),
            embedded=EmbeddedSettings(n_epochs=1),
            teacher=EnsembleSettings(n_trees=2),
        )
        for known in (
            Surroundings(noise_types=("fan", "dishes")),
            Surroundings(noise_types=("fan", "dishes", "motor")),
            Surroundings(noise_types=("fan", "dishes"), data_set="half"),
        )
    ]
    assert len({server.baseline_set.digest() for server in servers}) == 3
    assert len({server.comprehensive_set.digest() for server in servers}) == 1


def test_sets_of_equal_size_and_content_are_drawn_apart(world: World) -> None:
    server = set_up(
        world.scenario,
        known=Surroundings(),
        sizes=TrainingSetSettings(
            comprehensive=10, comprehensive_validation=10, baseline=10, baseline_validation=10
        ),
        embedded=EmbeddedSettings(n_epochs=1),
        teacher=EnsembleSettings(n_trees=2),
    )
    one, other = server.baseline_set, server.comprehensive_set
    assert not np.array_equal(one.training.x, other.training.x)
    assert not np.array_equal(one.validation.x, other.validation.x)


def test_takes_a_teacher_that_was_trained_before(world: World, tmp_path: Path) -> None:
    other = make_server(
        replace(world.scenario, streams=replace(world.scenario.streams, seed=5)), calibration="none"
    )
    other.teacher.save(tmp_path / "teacher")
    server = make_server(world.scenario, calibration="none", teacher_file=tmp_path / "teacher")
    x = world.server.baseline_set.validation.x
    loaded = server.teacher.probabilities(x)
    np.testing.assert_array_equal(loaded, other.teacher.probabilities(x))
    own = make_server(world.scenario, calibration="none").teacher
    assert not np.array_equal(loaded, own.probabilities(x))


def test_refuses_a_teacher_file_that_is_missing(world: World, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no such teacher"):
        make_server(world.scenario, teacher_file=tmp_path / "teacher")


def test_refuses_a_baseline_that_the_corpus_lacks(world: World) -> None:
    types = world.scenario.library.types
    library = replace(
        world.scenario.library,
        types=tuple(kind.replace("pop", "opera") for kind in types),
    )
    with pytest.raises(CorpusError, match="no music 'pop'"):
        make_server(replace(world.scenario, library=library))


def test_the_teacher_is_calibrated_on_validation_samples_a_ready_one_too(
    world: World, tmp_path: Path
) -> None:
    x = world.server.baseline_set.validation.x
    world.server.teacher.save(tmp_path / "teacher")
    plain = make_server(world.scenario, calibration="none").teacher
    new = make_server(world.scenario, calibration="temperature").teacher
    ready = make_server(
        world.scenario, calibration="temperature", teacher_file=tmp_path / "teacher"
    ).teacher
    expected = calibrated(plain, "temperature", world.server.comprehensive_set.validation)
    assert not np.allclose(plain.probabilities(x), new.probabilities(x), atol=0.01)
    np.testing.assert_array_equal(new.probabilities(x), expected.probabilities(x))
    np.testing.assert_array_equal(new.probabilities(x), ready.probabilities(x))


def test_a_damaged_teacher_of_the_package_is_refused(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fedasc.server, "_TEACHERS", tmp_path)
    teacher = CommitteeSettings(members=(SETTINGS.teacher,))
    place = shipped_teacher(world.scenario, sizes=SETTINGS.training_sets, teacher=teacher)
    place.mkdir()
    world.server.teacher.save(place / "ensemble")
    seal(place)

    def ready() -> Server:
        return set_up(
            world.scenario,
            known=PROFILES.known(world.scenario.library),
            sizes=SETTINGS.training_sets,
            embedded=SETTINGS.embedded,
            teacher=teacher,
        )

    x = world.server.baseline_set.validation.x
    expected = world.server.teacher.probabilities(x)
    np.testing.assert_array_equal(ready().teacher.probabilities(x), expected)
    with (place / "ensemble").open("r+b") as file:
        file.seek(100)
        file.write(b"?")
    with pytest.raises(SettingsError, match=r"ensemble has changed.*install fedasc again"):
        ready()
