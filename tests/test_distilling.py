import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import fedasc.distilling
from fedasc.distilling import with_student
from fedasc.models.distillation import distilled
from fedasc.models.student import Student
from fedasc.models.student_settings import StudentSettings
from fedasc.models.teacher import Teacher
from fedasc.seeds import Streams
from fedasc.server import Server
from fedasc.server_files import read_server, write_server
from fedasc.world import World
from tests.worlds import SETTINGS, make_server, tiny_world

SHORT = StudentSettings(n_steps=60, n_artificial=300, bound=1.0)


@pytest.fixture(scope="module")
def world() -> World:
    return tiny_world()


def made(
    world: World, settings: StudentSettings = SHORT, teacher: Teacher | None = None
) -> Student | None:
    server = replace(world.server, teacher=teacher or world.server.teacher, student=None)
    found = with_student(server, settings, sizes=SETTINGS.training_sets, streams=Streams(1)).student
    assert found is None or isinstance(found, Student)
    return found


def test_the_server_has_the_student_of_its_teacher_and_it_labels(world: World) -> None:
    student = world.server.student
    assert isinstance(student, Student)
    assert student.passes
    assert world.server.annotator is student
    x = world.server.comprehensive_set.validation.x
    said, meant = student.probabilities(x), world.server.teacher.probabilities(x)
    assert student.disagreement == np.mean(said.argmax(axis=1) != meant.argmax(axis=1))


def test_it_learns_of_the_windows_and_of_artificial_samples(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[Any] = []

    def noted(settings: Any, samples: Any, **others: Any) -> Any:
        given.append(samples)
        return distilled(settings, samples, **others)

    monkeypatch.setattr(fedasc.distilling, "distilled", noted)
    assert made(world) is not None
    (samples,) = given
    windows = world.server.comprehensive_set.training.x
    assert len(samples) == len(windows) + 300
    np.testing.assert_array_equal(samples.x[: len(windows)], windows)
    meant = world.server.teacher.probabilities(samples.x)
    np.testing.assert_allclose(samples.targets(), meant, rtol=1e-6)


def test_it_is_made_once_for_a_teacher(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    first = made(world)
    streams = Streams(9)
    other = make_server(replace(world.scenario, streams=streams)).teacher
    with monkeypatch.context() as patch:
        patch.setattr(fedasc.distilling, "distilled", None)
        again = made(world)
        with pytest.raises(TypeError):
            made(world, teacher=other)
    assert first is not None
    assert again is not None
    np.testing.assert_array_equal(first.weights[0], again.weights[0])


def test_nothing_is_distilled_if_not_asked_for(world: World) -> None:
    assert made(world, StudentSettings(use="never")) is None
    without = replace(world.server, student=None)
    assert without.annotator is without.teacher
    assert without.on_device().student is None


def test_who_is_too_far_off_does_not_label_and_that_is_told(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        student = made(world, replace(SHORT, n_steps=1, bound=0.01))
    assert student is not None
    assert not student.passes
    assert "more than bound, 1.0 %: the teacher labels instead" in caplog.text
    server = replace(world.server, student=student)
    assert server.annotator is server.teacher
    assert server.on_device().annotator is not student


def test_it_labels_where_the_server_does(world: World) -> None:
    there = replace(world.server, torch_device="cpu:0").on_device()
    assert isinstance(there.student, Student)
    assert there.student.device == "cpu:0"


@pytest.mark.parametrize("with_student", [True, False])
def test_it_is_among_the_files_of_the_server(
    world: World, tmp_path: Path, with_student: bool
) -> None:
    server = world.server if with_student else replace(world.server, student=None)
    write_server(tmp_path, server)
    again: Server = read_server(
        tmp_path,
        teacher=SETTINGS.teacher,
        calibration=SETTINGS.calibration,
        embedded=SETTINGS.embedded,
    )
    x = server.comprehensive_set.validation.x
    assert (again.student is None) is not with_student
    assert vars(again)["teacher_digest"] == server.teacher_digest
    np.testing.assert_array_equal(
        again.annotator.probabilities(x), server.annotator.probabilities(x)
    )
