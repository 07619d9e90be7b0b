"""Checks on real recordings, where there are any beside the repository."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from fedasc.audio.ams import ams_vectors, sequences
from fedasc.audio.bank import FilterBank
from fedasc.audio.reference import reference_vectors
from fedasc.corpus.manifest import ManifestCorpus, read_manifest

FOLDER = Path(__file__).resolve().parents[2].parent / "shared" / "corpus"


@pytest.fixture(scope="module")
def corpus() -> ManifestCorpus:
    manifest = FOLDER / "manifest.csv"
    if not manifest.is_file():
        pytest.skip(f"no real recordings in {FOLDER}")
    return read_manifest(manifest)


def test_the_manifest_of_real_recordings_reads(corpus: ManifestCorpus) -> None:
    labels = Counter(recording.label for recording in corpus.recordings)
    assert labels == {"noise": 1049, "music": 650, "speech": 600}
    domains = {r.domain for r in corpus.recordings if r.label == "noise"}
    assert domains == {"domestic", "nature", "urban"}
    assert {name for name, _ in corpus.recordings[0].further} == {"source", "license"}


def test_real_recordings_are_ten_seconds_with_finite_features(corpus: ManifestCorpus) -> None:
    some = range(0, len(corpus.recordings), 400)
    signals = np.stack([corpus.read(i) for i in some])
    assert signals.shape == (len(some), 160_000)
    x = sequences(ams_vectors(FilterBank(), signals))
    assert x.shape == (len(some), 1, 45)
    assert np.isfinite(x).all()
    assert len(np.unique(x[:, 0, 0])) == len(some)


@pytest.mark.parametrize(
    "bank", [FilterBank(), FilterBank(carrier_edges_hz=(50, 7900), modulation_edges_hz=(0.25, 200))]
)
def test_features_of_real_recordings_agree_with_scipy(
    bank: FilterBank, corpus: ManifestCorpus
) -> None:
    signals = np.stack([corpus.read(i) for i in range(0, len(corpus.recordings), 150)])
    expected = [reference_vectors(bank, signal) for signal in signals]
    np.testing.assert_allclose(ams_vectors(bank, signals), expected, rtol=0, atol=0.01)
