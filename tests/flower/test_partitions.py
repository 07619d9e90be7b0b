import io
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from datasets import Audio, Dataset
from flwr_datasets.partitioner import DirichletPartitioner, SizePartitioner

from fedasc.corpus.recordings import Recording
from fedasc.errors import SettingsError
from fedasc.flower.partitions import (
    COLUMNS,
    PARTITIONERS,
    label_shares,
    make_partitioner,
    partition_shares,
)

KINDS = (
    ("noise", "rain", "nature"),
    ("noise", "wind", "nature"),
    ("noise", "bus", "urban"),
    ("music", "jazz", ""),
    ("speech", "read", ""),
)
N_EACH = 40


@pytest.fixture
def recordings() -> tuple[Recording, ...]:
    """Forty of each of five types, of two to a group, sorted by type."""
    return tuple(
        Recording(
            path=f"{kind}/{n}.wav",
            label=label,
            type=kind,
            group=f"{kind}/{n // 2:02}",
            domain=domain,
        )
        for label, kind, domain in KINDS
        for n in range(N_EACH)
    )


@pytest.mark.parametrize("name", PARTITIONERS)
def test_shares_add_to_one_and_no_partition_is_lost(
    name: str, recordings: tuple[Recording, ...]
) -> None:
    shares = partition_shares(recordings, make_partitioner(name, n_partitions=5, seed=3))
    assert len(shares) == 5
    for part in shares:
        assert set(part) <= {(label, kind) for label, kind, _ in KINDS}
        assert sum(part.values()) == pytest.approx(1)
        assert min(part.values()) > 0


def test_shares_count_recordings() -> None:
    kinds = ["rain", "rain", "wind", "rain", "bus", "bus"]
    groups = ["a", "a", "a", "a", "b", "b"]
    recordings = [
        Recording(path=f"{n}.wav", label="noise", type=kind, group=group)
        for n, (kind, group) in enumerate(zip(kinds, groups, strict=True))
    ]
    natural = make_partitioner("natural", n_partitions=1, by="group")
    assert partition_shares(recordings, natural) == (
        {("noise", "rain"): 0.75, ("noise", "wind"): 0.25},
        {("noise", "bus"): 1.0},
    )


@pytest.mark.parametrize("name", ["dirichlet", "iid", "pathological"])
def test_the_seed_decides(name: str, recordings: tuple[Recording, ...]) -> None:
    def drawn(seed: int) -> object:
        partitioner = make_partitioner(name, n_partitions=7, seed=seed)
        return partition_shares(recordings, partitioner, seed=seed)

    assert drawn(1) == drawn(1) != drawn(2)


def test_drawing_leaves_global_random_numbers_alone(recordings: tuple[Recording, ...]) -> None:
    before = np.random.get_state(legacy=False)  # noqa: NPY002
    for name in PARTITIONERS:
        partition_shares(recordings, make_partitioner(name, n_partitions=5))
    after = np.random.get_state(legacy=False)  # noqa: NPY002
    np.testing.assert_equal(after, before)


@pytest.mark.parametrize("by", COLUMNS)
def test_natural_makes_each_value_a_partition(by: str, recordings: tuple[Recording, ...]) -> None:
    values = {getattr(recording, by) for recording in recordings}
    shares = partition_shares(recordings, make_partitioner("natural", n_partitions=1, by=by))
    assert len(shares) == len(values)
    if by == "type":
        assert Counter(frozenset(part.items()) for part in shares) == {
            frozenset({((label, kind), 1.0)}): 1 for label, kind, _ in KINDS
        }


def test_iid_mixes_all_types_though_recordings_come_sorted(
    recordings: tuple[Recording, ...],
) -> None:
    for part in partition_shares(recordings, make_partitioner("iid", n_partitions=4)):
        assert all(0.05 < share < 0.4 for share in part.values())
        assert len(part) == len(KINDS)


def test_pathological_gives_each_partition_so_many_values(
    recordings: tuple[Recording, ...],
) -> None:
    partitioner = make_partitioner("pathological", n_partitions=10, n_values=3)
    shares = partition_shares(recordings, partitioner)
    assert [len(part) for part in shares] == [3] * 10


def test_pathological_leaves_no_value_out(recordings: tuple[Recording, ...]) -> None:
    partitioner = make_partitioner("pathological", n_partitions=len(KINDS), n_values=1)
    shares = partition_shares(recordings, partitioner)
    assert {kind for part in shares for _, kind in part} == {kind for _, kind, _ in KINDS}


def test_a_small_concentration_makes_partitions_differ(recordings: tuple[Recording, ...]) -> None:
    def spread(concentration: float) -> float:
        partitioner = make_partitioner("dirichlet", n_partitions=4, concentration=concentration)
        shares = partition_shares(recordings, partitioner)
        return float(np.mean([max(part.values()) for part in shares]))

    assert spread(100) < 0.25 < 0.4 < spread(0.2)


def test_the_terminal_stays_quiet(
    recordings: tuple[Recording, ...], capfd: pytest.CaptureFixture[str]
) -> None:
    for name in PARTITIONERS:  # Flower warns of types unused by a single partition
        partition_shares(recordings, make_partitioner(name, n_partitions=1))
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("name", ["dirichlet", "iid", "pathological"])
def test_more_partitions_than_recordings_are_refused(
    name: str, recordings: tuple[Recording, ...]
) -> None:
    with pytest.raises(SettingsError, match=r"can't divide 3 recordings .*; ask for fewer"):
        partition_shares(recordings[:3], make_partitioner(name, n_partitions=4, n_values=1))


def test_a_draw_that_leaves_partitions_empty_is_refused(
    recordings: tuple[Recording, ...],
) -> None:
    with pytest.raises(SettingsError, match="DirichletPartitioner: can't divide 200 recordings"):
        partition_shares(
            recordings, make_partitioner("dirichlet", n_partitions=50, concentration=0.001)
        )
    by_hand = DirichletPartitioner(50, "type", 0.001, min_partition_size=0)
    with pytest.raises(SettingsError, match=r"partition \d+ of 50 is empty"):
        partition_shares(recordings, by_hand)


def shares_of(
    recordings: tuple[Recording, ...],
    label: str = "noise",
    *,
    partitioner: str = "dirichlet",
    n_partitions: int = 6,
    by: str = "type",
    concentration: float = 0.5,
    seed: int = 1,
) -> tuple[Mapping[str, float], ...]:
    return label_shares(
        recordings,
        label,
        partitioner=partitioner,
        n_partitions=n_partitions,
        by=by,
        concentration=concentration,
        seed=seed,
    )


@pytest.mark.parametrize("name", PARTITIONERS)
def test_a_label_is_divided_by_itself(name: str, recordings: tuple[Recording, ...]) -> None:
    noise = tuple(recording for recording in recordings if recording.label == "noise")
    shares = shares_of(recordings, partitioner=name)
    assert len(shares) == (3 if name == "natural" else 6)
    assert shares == shares_of(noise, partitioner=name)
    for part in shares:
        assert set(part) <= {"rain", "wind", "bus"}
        assert sum(part.values()) == pytest.approx(1)


def test_shares_of_a_label_are_those_of_its_partitions(recordings: tuple[Recording, ...]) -> None:
    assert shares_of(recordings, partitioner="natural", by="domain") == (
        {"rain": 0.5, "wind": 0.5},
        {"bus": 1.0},
    )
    groups = shares_of(recordings, "music", partitioner="natural", by="group")
    assert groups == ({"jazz": 1.0},) * (N_EACH // 2)


@pytest.mark.parametrize("name", ["dirichlet", "iid", "pathological"])
def test_the_seed_decides_on_the_shares_of_a_label(
    name: str, recordings: tuple[Recording, ...]
) -> None:
    one, again, other = (
        shares_of(recordings, partitioner=name, n_partitions=7, seed=seed) for seed in (1, 1, 2)
    )
    assert one == again != other


def test_the_concentration_reaches_the_partitioner(recordings: tuple[Recording, ...]) -> None:
    even, uneven = (
        np.mean([max(part.values()) for part in shares_of(recordings, concentration=concentration)])
        for concentration in (100, 0.2)
    )
    assert 1 / 3 <= even < 0.45 < 0.6 < uneven


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"partitioner": "fair"}, "unknown partitioner 'fair'"),
        ({"by": "path"}, "can't divide by 'path'"),
        ({"n_partitions": 500}, "can't divide 120 recordings"),
        ({"label": "silence"}, "there is no silence to divide"),
    ],
)
def test_a_label_that_cannot_be_divided_is_named(
    given: dict[str, Any], reason: str, recordings: tuple[Recording, ...]
) -> None:
    with pytest.raises(SettingsError, match=reason) as caught:
        shares_of(recordings, **given)
    assert "\n" not in str(caught.value)


def test_any_partitioner_of_flower_will_do(recordings: tuple[Recording, ...]) -> None:
    assert len(partition_shares(recordings, SizePartitioner([150, 30, 20]))) == 3


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda: make_partitioner("fair", n_partitions=2), "unknown partitioner 'fair'; use one"),
        (lambda: make_partitioner("natural", n_partitions=2, by="path"), "can't divide by 'path'"),
        (lambda: make_partitioner("iid", n_partitions=0), "got 0, 2 and 0.5"),
        (lambda: make_partitioner("pathological", n_partitions=2, n_values=0), "got 2, 0 and 0.5"),
        (lambda: make_partitioner("dirichlet", n_partitions=2, concentration=0.0), "2, 2 and 0.0"),
        (
            lambda: make_partitioner("dirichlet", n_partitions=2, concentration=float("inf")),
            "2, 2 and inf",
        ),
    ],
)
def test_wrong_settings_are_named(make: Callable[[], object], reason: str) -> None:
    with pytest.raises(SettingsError, match=reason):
        make()


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "flwr_datasets", None)
    with pytest.raises(SettingsError, match=r"pip install 'fedasc\[hf\]'"):
        make_partitioner("iid", n_partitions=2)


def test_users_can_be_drawn_over_a_hugging_face_data_set(tmp_path: Path) -> None:
    kinds = ["rain", "wind", "bus"] * 8
    file = io.BytesIO()
    soundfile.write(file, np.zeros(160), 16_000, format="WAV")
    sounds = Dataset.from_dict(
        {
            "audio": [{"bytes": file.getvalue(), "path": f"{n}.wav"} for n in range(len(kinds))],
            "kind": kinds,
            "owner": [f"owner {n % 4}" for n in range(len(kinds))],
        }
    ).cast_column("audio", Audio(decode=False))
    sounds.to_parquet(tmp_path / "sounds.parquet")
    read = Dataset.from_parquet(
        str(tmp_path / "sounds.parquet"), cache_dir=str(tmp_path), keep_in_memory=True
    ).cast_column("audio", Audio(decode=False))
    recordings = [
        Recording(path=row["audio"]["path"], label="noise", type=row["kind"], group=row["owner"])
        for row in read
    ]
    shares = partition_shares(recordings, make_partitioner("natural", n_partitions=1, by="group"))
    assert [set(part.values()) for part in shares] == [{1 / 3}] * 4
    drawn = partition_shares(recordings, make_partitioner("dirichlet", n_partitions=3))
    assert [sum(part.values()) for part in drawn] == [pytest.approx(1)] * 3
