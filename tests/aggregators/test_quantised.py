import pytest

from fedasc.aggregators.features import FeaturesAggregator
from fedasc.aggregators.gmm import GmmAggregator
from fedasc.aggregators.mixture import Mixture
from fedasc.aggregators.quantisation import EightBits, HalfPrecision
from fedasc.aggregators.quantised import QuantisedAggregator
from fedasc.errors import SettingsError
from tests.aggregators.days import classifier, heard, stream


def test_says_what_the_other_says() -> None:
    x = heard(200)
    inner = GmmAggregator(n_components=4)
    found = QuantisedAggregator(aggregator=inner).summarise(
        stream(x), classifier=classifier(), seed=2
    )
    assert isinstance(found, Mixture)
    assert found.means.tobytes() == inner.fit(x, seed=2).means.tobytes()


def test_is_as_private_as_the_other_and_of_its_kind() -> None:
    aggregator = QuantisedAggregator(aggregator=FeaturesAggregator())
    assert not aggregator.is_private
    assert aggregator.kind is FeaturesAggregator.kind
    assert QuantisedAggregator().is_private


@pytest.mark.parametrize(("bits", "encoding"), [(16, HalfPrecision()), (8, EightBits())])
def test_bits_choose_the_encoding(bits: int, encoding: object) -> None:
    assert QuantisedAggregator(bits=bits).encoding == encoding


@pytest.mark.parametrize("bits", [0, 4, 32])
def test_refuses_other_bits(bits: int) -> None:
    with pytest.raises(SettingsError, match="quantised: bits"):
        QuantisedAggregator(bits=bits)


def test_refuses_what_is_rounded_already() -> None:
    with pytest.raises(SettingsError, match="quantised"):
        QuantisedAggregator(aggregator=QuantisedAggregator(bits=16))
