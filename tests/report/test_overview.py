from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from fedasc.experiments.record import Brief, DeviceRecord
from fedasc.report.nights import night_rows
from fedasc.report.overview import overview
from fedasc.report.reliability import pooled
from fedasc.report.results import summarise_profiles
from fedasc.report.rows import device_row
from tests.report.records import a_lost_one, a_record


def nights_of(n_nights: int = 2) -> list[list[DeviceRecord]]:
    """Nights of several profiles, of whom some are lost, attack or come later."""
    return [
        [
            a_lost_one(device=9),
            *(
                replace(a_record(profile, after=0.5 + n / 20 + night / 50), device=n, bytes_up=n)
                for n, profile in enumerate(("near", "far", "near", "far"))
            ),
            replace(a_record("near", after=0.1), device=4, attack="far"),
            *([replace(a_record("late"), device=5)] if night else []),
        ]
        for night in range(n_nights)
    ]


def told(value: Any) -> Any:
    """NaN is NaN."""
    return str(value)


def test_one_pass_tells_what_all_records_do() -> None:
    nights = nights_of()
    passes: list[int] = []

    def records() -> Iterator[Iterator[DeviceRecord]]:
        for night, some in enumerate(nights):
            passes.append(night)
            yield iter(some)

    found = overview(records())
    assert passes == [0, 1]
    assert told(found.nights) == told(night_rows(nights))
    assert told(found.profiles) == told(summarise_profiles(nights[-1]))
    expected = pooled(nights[-1])
    assert list(found.reliability) == list(expected)
    assert [bins.error for bins in found.reliability.values()] == [
        bins.error for bins in expected.values()
    ]
    assert [(one.night, one.device) for one in found.lost] == [(n[0].night, 9) for n in nights]
    assert (found.n_nights, found.n_records) == (2, 13)
    left = [record for some in nights for record in some if not record.lost]
    for name in ("bytes_up", "bytes_down"):
        assert getattr(found, name) == np.median([getattr(record, name) for record in left])
    assert found.n_answers == np.mean([record.n_answers for record in left])
    columns = dict.fromkeys(name for some in nights for one in some for name in device_row(one))
    assert list(found.columns) == list(columns)


def test_a_brief_says_what_its_record_does() -> None:
    for record in (*nights_of()[1], a_lost_one()):
        brief = Brief.of(record)
        assert told(brief.accuracy) == told(record.accuracy)
        assert told(brief.noise) == told(record.noise)
        for name in ("profile", "device", "took_part", "lost", "attack", "distance", "pays"):
            assert getattr(brief, name) == getattr(record, name)
        if record.scores:
            assert brief.gain == record.gain
