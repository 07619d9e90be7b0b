"""Classifiers as ONNX, run by onnxruntime: what they say must be what fedasc says."""

import json
from functools import cache
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

onnx = pytest.importorskip("onnx", reason="needs the extra onnx")
onnxruntime = pytest.importorskip("onnxruntime", reason="needs the extra onnx")

from fedasc.arithmetic.functions import softmax  # noqa: E402
from fedasc.audio.bank import FilterBank  # noqa: E402
from fedasc.errors import SettingsError  # noqa: E402
from fedasc.models.calibration import (  # noqa: E402
    CalibratedTeacher,
    Calibration,
    calibrated,
)
from fedasc.models.committee import CommitteeTeacher  # noqa: E402
from fedasc.models.correction import Isotonic, Rising  # noqa: E402
from fedasc.models.deep_sets import DeepSetsSettings  # noqa: E402
from fedasc.models.embedded import EmbeddedClassifier, initial  # noqa: E402
from fedasc.models.ensemble import EnsembleTeacher  # noqa: E402
from fedasc.models.inputs import KINDS, Inputs, inputs_of  # noqa: E402
from fedasc.models.mobilenet import MobileNetTeacher  # noqa: E402
from fedasc.models.mobilenet_network import Network  # noqa: E402
from fedasc.models.network_training import alone  # noqa: E402
from fedasc.models.teacher import Teacher  # noqa: E402
from fedasc.onnx.files import embedded_model, teacher_model  # noqa: E402
from tests.worlds import tiny_world  # noqa: E402

BANK = FilterBank()
TOLERANCE = 1e-5


@cache
def samples() -> NDArray[np.float32]:
    """Near those that the tiny server knows, and far from them."""
    x = np.concatenate([tiny_world().server.comprehensive_set.training.x] * 6)
    noise = np.random.default_rng(5).normal(0, 1, x.shape) * np.linspace(0, 8, len(x))[:, None]
    return (x + noise).astype(np.float32)


def run(model: bytes, x: NDArray[np.float32]) -> tuple[NDArray[Any], NDArray[Any]]:
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    shares, scenes = session.run(["probabilities", "scene"], {"x": x})
    return shares, scenes


def holds(model: bytes, expected: NDArray[np.float64], *, tolerance: float = TOLERANCE) -> None:
    """The same probabilities, and the same scenes unless two are as probable."""
    shares, scenes = run(model, samples())
    assert np.abs(shares - expected).max() < tolerance
    lost = expected.max(axis=1) - np.take_along_axis(expected, scenes[:, None], axis=1)[:, 0]
    assert lost.max() < 2 * tolerance
    assert np.bincount(scenes, minlength=4).min() > 0


@pytest.mark.parametrize("inputs", KINDS)
def test_c1(inputs: Inputs) -> None:
    rng = np.random.default_rng(1)
    x = samples()
    given = inputs_of(x, inputs)
    first = initial(rng, inputs)
    arrays = first.arrays() | {
        "mean": given.mean(axis=0),
        "variance": given.var(axis=0),
        "scale": rng.uniform(0.5, 2, 45).astype(np.float32),
        "shift": rng.normal(0, 0.3, 45).astype(np.float32),
        "output_weights": 9 * first.output_weights,
    }
    classifier = EmbeddedClassifier(**arrays, inputs=inputs)
    holds(embedded_model(classifier, BANK), softmax(classifier.logits(x)))


@pytest.mark.parametrize("calibration", ["none", "temperature", "isotonic"])
def test_the_ensemble(calibration: Calibration) -> None:
    server = tiny_world().server
    teacher = calibrated(server.teacher, calibration, server.comprehensive_set.validation)
    holds(teacher_model(teacher, BANK), teacher.probabilities(samples()), tolerance=1e-4)


def test_trees_send_what_lies_on_a_threshold_where_fedasc_sends_it() -> None:
    """Sorted values are inputs as they are, so a sample can lie on a threshold to the last bit."""
    teacher = tiny_world().server.teacher
    assert isinstance(teacher, EnsembleTeacher)
    forest = teacher.forest
    x = samples()[:300].copy()
    for feature in range(9):
        edges = forest.thresholds[18 + feature]  # of the least value of the five
        edges = edges[np.isfinite(edges)].astype(np.float32)
        if len(edges):
            x[:, feature] = edges[np.arange(len(x)) % len(edges)]
            x[:, feature + 9 :: 9] = np.maximum(x[:, feature + 9 :: 9], x[:, [feature]])
    shares, _ = run(teacher_model(teacher, BANK), x)
    assert np.abs(shares - teacher.probabilities(x)).max() < TOLERANCE


def mobilenet(*, ranked: bool, n_orders: int) -> MobileNetTeacher:
    """One that hasn't learnt, but whose batch normalisation knows what it normalises."""
    with alone(1), torch.no_grad():
        network = Network(8, ranked=ranked)
        network.standardise(samples())
        for layer in network.modules():
            if isinstance(layer, torch.nn.Conv2d):
                layer.weight *= 10  # or what differs dies away in untrained layers
            if isinstance(layer, torch.nn.BatchNorm2d):
                layer.momentum = None  # statistics are means over the calls
        for _ in range(3):
            network(torch.from_numpy(samples()[:64]))
        network.output.weight *= 5
    return MobileNetTeacher((network.eval(),), n_orders)


@pytest.mark.parametrize(("ranked", "n_orders"), [(False, 2), (True, 1)])
def test_mobilenets(ranked: bool, n_orders: int) -> None:
    teacher, x = mobilenet(ranked=ranked, n_orders=n_orders), samples()[:64]
    expected = teacher.probabilities(x)
    assert np.ptp(expected, axis=0).max() > 0.1
    shares, _ = run(teacher_model(teacher, BANK), x)
    assert np.abs(shares - expected).max() < 1e-3  # an untrained network magnifies rounding


def test_deep_sets_and_committees() -> None:
    server, x = tiny_world().server, samples()[:300]
    settings = DeepSetsSettings(n_steps=20, n_networks=2, n_hidden=16)
    teacher = settings.train(server.comprehensive_set, seed=1)
    expected = teacher.probabilities(x)
    assert np.ptp(expected, axis=0).max() > 0.1
    shares, _ = run(teacher_model(teacher, BANK), x)
    assert np.abs(shares - expected).max() < TOLERANCE
    committee = CommitteeTeacher({"one": teacher, "other": server.teacher})
    shares, _ = run(teacher_model(committee, BANK), x)
    assert np.abs(shares - committee.probabilities(x)).max() < TOLERANCE


def test_a_rising_function_of_a_single_value_is_that_value() -> None:
    flat = Rising(np.array([0.5]), np.array([0.25]))
    steep = Rising(np.array([0.1, 0.2, 0.6]), np.array([0.0, 0.5, 1.0]))
    teacher = CalibratedTeacher(tiny_world().server.teacher, Isotonic((flat, steep, flat, steep)))
    shares, _ = run(teacher_model(teacher, BANK), samples())
    assert np.abs(shares - teacher.probabilities(samples())).max() < 1e-4


def test_any_number_of_samples_and_a_file_by_itself() -> None:
    server = tiny_world().server
    content = teacher_model(server.teacher, BANK)
    model = onnx.load_from_string(content)
    assert not any(each.external_data for each in model.graph.initializer)
    facts = {each.key: each.value for each in model.metadata_props}
    assert facts["scenes"] == "noise,music,speech,speech_in_noise"
    assert json.loads(facts["bank"])["carrier_edges_hz"] == [75.0, 250.0, 900.0, 4500.0]
    whole, _ = run(content, samples()[:7])
    for n in (0, 1, 7):
        shares, scenes = run(content, samples()[:n])
        assert (shares.shape, scenes.shape) == ((n, 4), (n,))
        assert np.abs(shares - whole[:n]).max(initial=0) < 1e-6


def test_other_teachers_are_refused() -> None:
    class Other:
        pass

    teacher: Teacher = Other()  # type: ignore[assignment]
    with pytest.raises(SettingsError, match="no ONNX of a Other"):
        teacher_model(teacher, BANK)
