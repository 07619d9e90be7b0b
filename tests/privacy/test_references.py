import numpy as np
import pytest

from fedasc.aggregators.content import Content
from fedasc.aggregators.features import Features
from fedasc.aggregators.nothing import Nothing
from fedasc.aggregators.weights import Weights
from fedasc.corpus.parts import USER_PARTS
from fedasc.privacy.references import log_ratio, references
from tests.strategies.servers import BASELINE_SET, SERVER
from tests.worlds import tiny_world


def test_there_is_a_window_of_each_clip_that_users_may_hear() -> None:
    scenario = tiny_world().scenario
    held, library = references(scenario), scenario.library
    there = [number for number, part in enumerate(library.parts) if part in USER_PARTS]
    assert held.x.shape == (len(there), 45)
    assert held.groups.tolist() == [library.groups[number] for number in there]
    assert held.types.tolist() == [library.types[number] for number in there]
    assert len(np.unique(held.x, axis=0)) == len(there)


@pytest.mark.parametrize(
    "content",
    [
        SERVER.everything,
        Features(SERVER.comprehensive_set.training.x),
        Weights.of(SERVER.baseline),
        Nothing(),
    ],
    ids=lambda content: content.kind,
)
def test_what_the_server_has_itself_tells_nothing(content: Content) -> None:
    ratios = log_ratio(content, BASELINE_SET.training.x, server=SERVER)
    np.testing.assert_array_equal(ratios, np.zeros(len(BASELINE_SET.training.x)))
