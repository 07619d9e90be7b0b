from dataclasses import replace

import numpy as np
import pytest

from fedasc.arithmetic.functions import softmax
from fedasc.device_code.parameters import wire
from fedasc.errors import SettingsError
from fedasc.models.embedded import N_NUMBERS, EmbeddedClassifier
from fedasc.models.inputs import Inputs, inputs_of
from tests.aggregators.days import classifier, heard
from tests.device_code.codes import library

X = heard(300)


def scenes_in_c(known: EmbeddedClassifier) -> list[tuple[int, float]]:
    device = library("single").start()
    device.update(known)
    told = []
    for x in X:
        device.hear(x)
        told.append((device.scene, device.certainty))
    return told


@pytest.mark.parametrize("inputs", ["sequence", "statistics"])
def test_scenes_and_probabilities_are_those_of_python(inputs: Inputs) -> None:
    given = inputs_of(X, inputs)
    known = replace(
        classifier(seed=4, sharpness=2.0),
        mean=given.mean(axis=0),
        variance=given.var(axis=0),
        inputs=inputs,
    )
    expected = softmax(known.logits(X))
    assert len(np.unique(expected.argmax(axis=1))) > 1
    scenes, certainties = zip(*scenes_in_c(known), strict=True)
    np.testing.assert_array_equal(scenes, expected.argmax(axis=1))
    np.testing.assert_allclose(certainties, expected.max(axis=1), atol=2e-5)


def test_begins_with_what_was_shipped() -> None:
    device = library("single").start()
    device.hear(X[0])
    assert device.scene == classifier().predict(X[:1])[0]


def changed(at: int, value: float) -> bytes:
    content = np.frombuffer(wire(classifier())[:-1], "<f4").copy()
    content[at] = value
    return content.tobytes() + b"\0"


@pytest.mark.parametrize(
    "content",
    [
        wire(classifier())[:-1],
        wire(classifier()) + b"\0",
        wire(classifier())[:-1] + b"\2",
        changed(N_NUMBERS - 1, np.nan),
        changed(0, np.inf),
        changed(45, -1e-6),
        b"",
    ],
    ids=["short", "long", "other inputs", "not a number", "infinite", "negative variance", "none"],
)
def test_whatever_else_comes_changes_nothing(content: bytes) -> None:
    device = library("single").start()
    device.hear(X[0])
    before = device.scene, device.certainty
    with pytest.raises(SettingsError, match="no classifier"):
        device.update(content)
    device.hear(X[0])
    assert (device.scene, device.certainty) == before
