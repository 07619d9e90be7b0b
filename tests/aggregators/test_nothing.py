from fedasc.aggregators.aggregator import Budget
from fedasc.aggregators.nothing import NothingAggregator
from fedasc.aggregators.summary import Summary
from tests.aggregators.days import PUBLIC, classifier, heard, stream


def test_costs_nothing() -> None:
    aggregator = NothingAggregator()
    content = aggregator.summarise(stream(heard(3)), classifier=classifier(), public=PUBLIC, seed=0)
    assert Summary.of(content, 3).n_bytes == 0
    assert aggregator.budget(1000) == Budget(n_bytes=0, memory_bytes=0, n_macs=0)
