"""The overview of a run: all that is told of it, from its records in one pass."""

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fedasc.evaluation.calibration import Reliability
from fedasc.evaluation.scores import Confusion
from fedasc.experiments.record import Brief, DeviceRecord
from fedasc.report.confusions import added
from fedasc.report.nights import night_rows
from fedasc.report.reliability import Pools
from fedasc.report.results import ProfileSummary, summarise_profiles
from fedasc.report.rows import device_row


@dataclass(frozen=True, eq=False, kw_only=True)
class Overview:
    """What a run came to.

    Args:
        nights: A row per night and profile; see `night_rows`.
        last: Devices on the last night.
        profiles: By profile, and of all users, on the last night.
        reliability: The teacher's, by profile, and for all users, on the last night.
        confusions: By classifier, of all users' windows together, on the last night.
        lost: Of devices that were lost, night by night.
        n_nights: How many there were.
        n_records: Nights of devices.
        bytes_up, bytes_down: Of a device on a night, medians over those that weren't lost.
        n_answers: Likewise, the mean.
        columns: All that `device_row` has of any record, in order.
    """

    nights: Sequence[Mapping[str, Any]]
    last: Sequence[Brief]
    profiles: Sequence[ProfileSummary]
    reliability: Mapping[str, Reliability]
    confusions: Mapping[str, Confusion]
    lost: Sequence[DeviceRecord]
    n_nights: int
    n_records: int
    bytes_up: float
    bytes_down: float
    n_answers: float
    columns: Sequence[str]


def overview(nights: Iterable[Iterable[DeviceRecord]]) -> Overview:
    """Sum up records, of which hardly more than a few numbers are held.

    Args:
        nights: By night and device, one at least; each record is looked at once.
    """
    columns: dict[str, None] = {}
    lost: list[DeviceRecord] = []
    counts = array("q")
    n_nights = n_records = 0
    last: list[Brief] = []
    pools = Pools()
    confusions: dict[str, Confusion] = {}

    def briefs() -> Iterator[Sequence[Brief]]:
        nonlocal n_nights, n_records, last, pools, confusions
        for records in nights:
            n_nights, last, pools, confusions = n_nights + 1, [], Pools(), {}
            for record in records:
                n_records += 1
                columns.update(dict.fromkeys(device_row(record)))
                last.append(Brief.of(record))
                pools.add(record)
                confusions = added(confusions, record)
                if record.lost:
                    lost.append(record)
                else:
                    counts.extend((record.bytes_up, record.bytes_down, record.n_answers))
            yield last

    rows = night_rows(briefs())
    up, down, answers = np.array(counts).reshape(-1, 3).T
    return Overview(
        nights=rows,
        last=last,
        profiles=summarise_profiles(last),
        reliability=pools.pooled(),
        confusions=confusions,
        lost=tuple(lost),
        n_nights=n_nights,
        n_records=n_records,
        bytes_up=float(np.median(up)),
        bytes_down=float(np.median(down)),
        n_answers=float(np.mean(answers)),
        columns=tuple(columns),
    )
