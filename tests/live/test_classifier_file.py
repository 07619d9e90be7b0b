import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fedasc.audio.bank import FilterBank
from fedasc.errors import SettingsError
from fedasc.live.classifier_file import ClassifierFile, read_classifier, write_classifier
from fedasc.models.embedded import initial
from tests.worlds import same_classifier

Arrays = dict[str, Any]


def content() -> ClassifierFile:
    rng = np.random.default_rng(1)
    return ClassifierFile(
        classifier=initial(rng, "statistics"),
        bank=FilterBank(floor_dbfs=-80.0),
        replaces=initial(rng, "sequence"),
        server="a server",
        corpora=("one", "two"),
    )


def test_a_file_says_to_the_last_bit_what_was_written(tmp_path: Path) -> None:
    written, path = content(), tmp_path / "personal.npz"
    write_classifier(path, written)
    read = read_classifier(path)
    assert same_classifier(read.classifier, written.classifier)
    assert written.replaces is not None
    assert read.replaces is not None
    assert same_classifier(read.replaces, written.replaces)
    assert (read.classifier.inputs, read.replaces.inputs) == ("statistics", "sequence")
    assert (read.bank, read.server, read.corpora) == (written.bank, "a server", ("one", "two"))


def test_what_a_device_had_before_need_not_be_known(tmp_path: Path) -> None:
    path = tmp_path / "c1.npz"
    write_classifier(path, replace(content(), replaces=None))
    assert read_classifier(path).replaces is None


def test_the_same_content_is_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one.npz", "other.npz"):
        write_classifier(tmp_path / name, content())
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "other.npz").read_bytes()


def test_what_is_not_finite_is_not_written(tmp_path: Path) -> None:
    broken = replace(content().classifier, output_biases=np.full(4, np.nan, np.float32))
    with pytest.raises(SettingsError, match="isn't finite"):
        write_classifier(tmp_path / "c1.npz", replace(content(), classifier=broken))
    assert not list(tmp_path.iterdir())


def about(arrays: Arrays, **changes: Any) -> None:
    arrays["about"] = np.array(json.dumps(json.loads(str(arrays["about"])) | changes))


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda arrays: about(arrays, format=2), "written in format 2, of which .* knows 1"),
        (lambda arrays: about(arrays, inputs={"classifier": "spectra"}), "damaged"),
        (lambda arrays: about(arrays, inputs={"classifier": "sequence"}), "damaged"),
        (lambda arrays: about(arrays, bank={"hop": 0}), "hop must be at least 1"),
        (lambda arrays: about(arrays, bank={"hope": 1}), "did you mean 'hop'"),
        (lambda arrays: arrays.pop("about"), "no classifier file of fedasc"),
        (lambda arrays: arrays.pop("classifier.mean"), "doesn't consist of"),
        (lambda arrays: arrays.update({"classifier.more": np.zeros(1)}), "doesn't consist of"),
        (lambda arrays: arrays.update({"other.mean": np.zeros(45)}), "damaged"),
        (lambda arrays: arrays.update({"classifier.mean": np.zeros(45)}), "in float64"),
        (
            lambda arrays: arrays.update({"replaces.mean": np.full(45, np.inf, np.float32)}),
            "finite numbers in mean",
        ),
    ],
)
def test_what_is_no_such_file_is_refused(
    spoil: Callable[[Arrays], None], why: str, tmp_path: Path
) -> None:
    path = tmp_path / "c1.npz"
    write_classifier(path, content())
    with np.load(path) as read:
        arrays: Arrays = dict(read)
    spoil(arrays)
    np.savez(path, **arrays)
    with pytest.raises(SettingsError, match=why) as refused:
        read_classifier(path)
    assert str(path) in str(refused.value)


@pytest.mark.parametrize("other", [b"", b"RIFF", b"PK\x03\x04 and no more", b"\x93NUMPY"])
def test_another_kind_of_file_is_refused(other: bytes, tmp_path: Path) -> None:
    path = tmp_path / "c1.npz"
    path.write_bytes(other)
    with pytest.raises(SettingsError, match="no classifier file of fedasc"):
        read_classifier(path)


def test_a_flipped_bit_is_told(tmp_path: Path) -> None:
    path = tmp_path / "c1.npz"
    write_classifier(path, content())
    spoilt = bytearray(path.read_bytes())
    spoilt[spoilt.index(b"\x93NUMPY", 2000) + 200] ^= 1
    path.write_bytes(spoilt)
    with pytest.raises(SettingsError, match="damaged"):
        read_classifier(path)


def test_a_file_that_is_missing_or_too_large_is_not_opened(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no such classifier file"):
        read_classifier(tmp_path / "c1.npz")
    (tmp_path / "large.npz").write_bytes(bytes((1 << 20) + 1))
    with pytest.raises(SettingsError, match="too large"):
        read_classifier(tmp_path / "large.npz")
