"""What the probe must do."""

from dataclasses import replace

import numpy as np

from fedasc.aggregators.moments import MomentsAggregator
from fedasc.made_up.night import SmallNight
from fedasc.made_up.sights import sights_of
from fedasc.strategies.none import NoStrategy
from fedasc.testing import check_probe
from fedasc.worked.probe import WorkedProbe


def test_it_keeps_the_contract() -> None:
    """The same as fedasc plugin check."""
    check_probe(WorkedProbe())


def test_a_loud_moment_is_told() -> None:
    """But not the loudest, which may have been a door."""
    night = SmallNight.of(MomentsAggregator(), devices=[0])
    (sight,) = sights_of(night, NoStrategy(), {}).values()
    x = np.zeros_like(sight.heard.x[:40])
    x[:3] = [[50], [40], [30]]
    told = WorkedProbe().look(replace(sight, heard=replace(sight.heard, x=x)))
    assert told == {"loud_db": 30}
