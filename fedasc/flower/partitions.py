"""Flower's own partitioners, turned into the shares of sounds that users hear."""

import io
import math
import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import redirect_stderr
from typing import TYPE_CHECKING

from fedasc.corpus.recordings import Recording
from fedasc.errors import SettingsError

if TYPE_CHECKING:
    from flwr_datasets.partitioner import Partitioner

PARTITIONERS = ("dirichlet", "iid", "natural", "pathological")
COLUMNS = ("label", "type", "domain", "group")
"""What recordings can be divided by."""

Shares = Mapping[tuple[str, str], float]
"""Share of each label and type among the recordings of a partition; those it lacks are absent."""


def make_partitioner(
    name: str,
    *,
    n_partitions: int,
    by: str = "type",
    concentration: float = 0.5,
    n_values: int = 2,
    seed: int = 0,
) -> "Partitioner":
    """One of Flower's partitioners; any other can be built by hand.

    Args:
        name: dirichlet divides the recordings of each value unevenly, iid evenly and by chance,
            pathological gives each partition few values, and natural makes each value a partition.
        n_partitions: How many to make; natural makes as many as there are values.
        by: Column of the values: label, type, domain or group. Not used by iid.
        concentration: Of the Dirichlet distribution; the smaller, the more partitions differ.
        n_values: How many values a partition of pathological has.
        seed: Of the draws; the order that iid divides is drawn by `partition_shares`.

    Raises:
        SettingsError: If flwr-datasets isn't installed, or a setting is out of range.
    """
    try:
        from flwr_datasets import partitioner as flower
    except ImportError as error:
        raise SettingsError(
            f"partitioner {name!r} needs flwr-datasets ({error}); pip install 'fedasc[hf]'"
        ) from error
    if by not in COLUMNS:
        raise SettingsError(f"partitioner: can't divide by {by!r}; use one of {', '.join(COLUMNS)}")
    if n_partitions < 1 or n_values < 1 or not 0 < concentration < math.inf:
        raise SettingsError(
            "partitioner: n_partitions and n_values must be 1 or more and concentration positive "
            f"and finite, got {n_partitions}, {n_values} and {concentration}"
        )
    match name:
        case "dirichlet":
            return flower.DirichletPartitioner(
                n_partitions, by, float(concentration), min_partition_size=1, seed=seed
            )
        case "iid":
            return flower.IidPartitioner(n_partitions)
        case "natural":
            return flower.NaturalIdPartitioner(by)
        case "pathological":
            return flower.PathologicalPartitioner(
                n_partitions, by, n_values, class_assignment_mode="first-deterministic", seed=seed
            )
    raise SettingsError(f"unknown partitioner {name!r}; use one of {', '.join(PARTITIONERS)}")


def partition_shares(
    recordings: Sequence[Recording], partitioner: "Partitioner", *, seed: int = 0
) -> tuple[Shares, ...]:
    """What each partition of the recordings consists of, by number of recordings.

    Args:
        recordings: To divide; only their metadata is used.
        partitioner: A fresh one of flwr-datasets; it divides by one of `COLUMNS`.
        seed: Of the order of the recordings, which matters to partitioners that cut.

    Returns:
        Shares that add to 1, for each partition.

    Raises:
        SettingsError: If the recordings can't be divided like that, or a partition is empty.
    """
    from datasets import Dataset

    columns = {name: [getattr(recording, name) for recording in recordings] for name in COLUMNS}
    partitioner.dataset = Dataset.from_dict(columns).shuffle(seed=seed, keep_in_memory=True)
    kind = type(partitioner).__name__
    try:
        # Flower draws a progress bar, and warns of draws that it repeats and of values unused
        with redirect_stderr(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            parts = [partitioner.load_partition(n) for n in range(partitioner.num_partitions)]
    except (IndexError, ValueError) as error:
        raise SettingsError(
            f"{kind}: can't divide {len(recordings)} recordings ({error}); ask for fewer "
            "partitions or a larger concentration"
        ) from error
    for number, part in enumerate(parts):
        if not len(part):
            raise SettingsError(
                f"{kind}: partition {number} of {len(parts)} is empty; ask for fewer partitions"
            )
    return tuple(_shares(list(zip(part["label"], part["type"], strict=True))) for part in parts)


def label_shares(
    recordings: Sequence[Recording],
    label: str,
    *,
    partitioner: str,
    n_partitions: int,
    by: str,
    concentration: float,
    seed: int,
) -> tuple[Mapping[str, float], ...]:
    """Shares of the types of one label in each partition of the recordings of that label.

    Each label is divided by itself, so that nobody is left without noise or without music. See
    `make_partitioner` for the arguments.

    Raises:
        SettingsError: If the recordings can't be divided like that.
    """
    labelled = [recording for recording in recordings if recording.label == label]
    if not labelled:
        raise SettingsError(f"partitioner {partitioner!r}: there is no {label} to divide")
    made = make_partitioner(
        partitioner, n_partitions=n_partitions, by=by, concentration=concentration, seed=seed
    )
    return tuple(
        {kind: share for (_, kind), share in shares.items()}
        for shares in partition_shares(labelled, made, seed=seed)
    )


def _shares(kinds: Sequence[tuple[str, str]]) -> Shares:
    return {kind: n / len(kinds) for kind, n in sorted(Counter(kinds).items())}
