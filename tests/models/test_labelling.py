import os
import pickle
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from fedasc.audio import FloatArray
from fedasc.errors import SettingsError
from fedasc.models.calibration import calibrated
from fedasc.models.committee import CommitteeSettings
from fedasc.models.deep_sets import DeepSetsSettings
from fedasc.models.distillation import distilled
from fedasc.models.ensemble import EnsembleSettings
from fedasc.models.labelling import block_size, in_blocks, labelling, usable
from fedasc.models.mobilenet import MobileNetSettings
from fedasc.models.samples import Samples, TrainingSet
from fedasc.models.student_settings import StudentSettings
from fedasc.models.teacher import Teacher, TeacherSettings


def toy(n_samples: int, *, seed: int) -> Samples:
    """Scenes that overlap, in decibels."""
    rng = np.random.default_rng(seed)
    scene = rng.integers(4, size=n_samples)
    z = rng.normal(size=(n_samples, 5, 9))
    z[:, :, 0] += (scene % 2)[:, None]
    z[:, :, 1] *= 1 + (scene // 2)[:, None]
    return Samples((5 * z - 20).reshape(n_samples, 45).astype(np.float32), scene)


VALIDATION, UNSEEN = toy(200, seed=2), toy(1100, seed=3).x

SETTINGS: dict[str, TeacherSettings] = {
    "ensemble": EnsembleSettings(n_trees=10),
    "deep_sets": DeepSetsSettings(n_networks=2, n_steps=30),
    "deep_sets in bfloat16": DeepSetsSettings(n_networks=2, n_steps=30, precision="bfloat16"),
    "mobilenet": MobileNetSettings(n_networks=1, n_epochs=1, n_orders=2),
    "mobilenet in bfloat16": MobileNetSettings(
        side=16, n_networks=1, n_epochs=1, n_orders=2, precision="bfloat16"
    ),
}
SETTINGS["committee"] = CommitteeSettings(members=(SETTINGS["ensemble"], SETTINGS["deep_sets"]))
KINDS = [*SETTINGS, "committee by temperature", "committee by isotonic", "student"]
SLOW = ("mobilenet", "mobilenet in bfloat16", "deep_sets in bfloat16")
"""Teachers whose layers are PyTorch's."""


@cache
def teacher(kind: str) -> Teacher:
    if kind == "committee by temperature":
        return calibrated(teacher("committee"), "temperature", VALIDATION)
    if kind == "committee by isotonic":
        return calibrated(teacher("committee"), "isotonic", VALIDATION)
    if kind == "student":
        x = toy(600, seed=1).x
        beliefs = teacher("ensemble").probabilities(x).astype(np.float32)
        samples = Samples(x, beliefs.argmax(axis=1), beliefs)
        return distilled(StudentSettings(n_steps=30), samples, seed=np.random.SeedSequence(0))
    return SETTINGS[kind].train(TrainingSet(toy(600, seed=1), VALIDATION), seed=0)


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize(
    "kind",
    # test_company tries the slow ones on the two processors that differ most
    [pytest.param(kind, marks=() if kind in SLOW else pytest.mark.bits) for kind in KINDS],
)
def test_a_sample_gets_the_same_to_the_last_bit_whatever_it_is_labelled_with(kind: str) -> None:
    label = teacher(kind).probabilities
    cuts = [[7, 8, 300], [257], [1], [255], [511], [513], [1023], [1025]]
    x = UNSEEN
    if kind in SLOW:  # those of bfloat16 even more so on processors that lack such numbers
        x, cuts = (UNSEEN[:65], [[7, 57]]) if "bfloat16" in kind else (UNSEEN[:310], [[7, 8, 300]])
    found = label(x)
    assert found.dtype == np.float64
    for places in cuts:
        parts = [label(some) for some in np.split(x, places)]
        np.testing.assert_array_equal(np.concatenate(parts), found)
    backwards = label(np.ascontiguousarray(x[::-1]))
    np.testing.assert_array_equal(backwards[::-1], found)
    if len(x) == len(UNSEEN):
        np.testing.assert_array_equal(label(x[3:9]), found[3:9])
        np.testing.assert_array_equal(label(x[::100]), found[::100])


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("kind", KINDS)
def test_sent_to_a_worker_after_labelling_it_labels_alike_and_is_no_larger(kind: str) -> None:
    before = len(pickle.dumps(teacher(kind)))
    found = teacher(kind).probabilities(UNSEEN[:50])
    sent = pickle.dumps(teacher(kind))
    assert len(sent) <= before
    np.testing.assert_array_equal(pickle.loads(sent).probabilities(UNSEEN[:50]), found)


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("kind", KINDS)
def test_another_device_is_another_value_with_the_same_labels(kind: str) -> None:
    its = teacher(kind)
    placed = its.on("cpu")
    np.testing.assert_array_equal(placed.probabilities(UNSEEN[:50]), its.probabilities(UNSEEN[:50]))
    with pytest.raises(SettingsError, match="no device 'cuda:99'"):
        its.on("cuda:99")


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("kind", KINDS)
def test_of_no_samples_there_are_no_labels(kind: str) -> None:
    assert teacher(kind).probabilities(UNSEEN[:0]).shape == (0, 4)


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_not_finite_is_refused(kind: str, wrong: float) -> None:
    x = UNSEEN[:3].copy()
    x[1, 7] = wrong
    with pytest.raises(ValueError, match="finite"):
        teacher(kind).probabilities(x)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA here")
@pytest.mark.parametrize("kind", KINDS)
def test_an_accelerator_finds_the_same_up_to_rounding(kind: str) -> None:
    found = teacher(kind).on("cuda").probabilities(UNSEEN)
    tolerance = 0.05 if "bfloat16" in kind else 1e-3
    np.testing.assert_allclose(found, teacher(kind).probabilities(UNSEEN), rtol=0, atol=tolerance)


_IN_A_FRESH_PROCESS = """
import os, pickle, resource, sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
import numpy as np
teacher = pickle.loads(Path(sys.argv[1]).read_bytes())
x = np.random.default_rng(0).normal(-20, 5, size=(int(sys.argv[2]), 45)).astype(np.float32)
n_before = len(os.listdir("/proc/self/task"))
with ThreadPoolExecutor(2) as threads:
    list(threads.map(teacher.probabilities, [x[:1500], x[:1500]]))
    teacher.probabilities(x[:1500])
    print(len(os.listdir("/proc/self/task")) - n_before)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
teacher.probabilities(x)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="counts threads as Linux shows them")
@pytest.mark.parametrize(
    ("kind", "n_samples"), [("committee by temperature", 40_000), ("mobilenet", 1500)]
)
def test_no_thread_is_started_and_memory_is_that_of_a_block(
    kind: str, n_samples: int, tmp_path: Path
) -> None:
    """Even where nothing in the environment says so, and in threads of the caller's."""
    (tmp_path / "teacher").write_bytes(pickle.dumps(teacher(kind)))
    environment = {name: value for name, value in os.environ.items() if "NUM_THREADS" not in name}
    done = subprocess.run(
        [sys.executable, "-c", _IN_A_FRESH_PROCESS, str(tmp_path / "teacher"), str(n_samples)],
        env=environment | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    n_started, grown_mb = map(int, done.stdout.split())
    assert n_started == 2, "those of the caller alone"
    assert grown_mb < 30


def test_numbers_are_not_shortened_on_an_accelerator(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", True)
    monkeypatch.setattr(torch.backends.cudnn, "deterministic", False)
    with labelling():
        assert not torch.is_grad_enabled()
        assert not torch.backends.cudnn.allow_tf32
        assert torch.backends.cudnn.deterministic
        assert not torch.backends.cuda.matmul.allow_tf32


def test_every_block_has_the_same_shape() -> None:
    shapes = []

    def label(x: NDArray[Any]) -> FloatArray:
        shapes.append(x.shape)
        return x[:, :4].astype(np.float64)

    found = in_blocks(label, UNSEEN[:25], 10)
    assert shapes == [(10, 45)] * 3
    np.testing.assert_array_equal(found, UNSEEN[:25, :4])


def test_blocks_are_larger_on_an_accelerator() -> None:
    assert block_size(10, "cpu") == 10
    assert block_size(10, "cuda:1") > 100


@pytest.mark.parametrize("device", ["cuda:99", "toaster", "", "meta"])
def test_a_device_that_is_missing_is_named(device: str) -> None:
    with pytest.raises(SettingsError, match=f"no device '{device}'"):
        usable(device)
