from pathlib import Path

import numpy as np
import pytest

from fedasc.device_code.parameters import wire
from fedasc.errors import SettingsError
from fedasc.runs.classifiers import read_classifier_of, write_classifiers
from tests.aggregators.days import classifier

SHIPPED, THIRD = classifier(seed=1), classifier(seed=2)


def test_each_device_has_what_it_had(tmp_path: Path) -> None:
    write_classifiers(tmp_path, SHIPPED, {3: THIRD})
    for device, expected in ((None, SHIPPED), (0, SHIPPED), (3, THIRD)):
        assert wire(read_classifier_of(tmp_path, device)) == wire(expected)


def test_what_is_missing_or_damaged_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no finished run with classifiers"):
        read_classifier_of(tmp_path, 0)
    write_classifiers(tmp_path, SHIPPED, {})
    path = tmp_path / "classifiers.npz"
    with np.load(path) as content:
        arrays = {name: content[name] for name in content}
    np.savez(path, **{**arrays, "variance": -arrays["variance"]})
    with pytest.raises(SettingsError, match="damaged"):
        read_classifier_of(tmp_path, 0)
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(SettingsError, match="damaged"):
        read_classifier_of(tmp_path, 0)
