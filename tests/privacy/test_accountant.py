import json
import math
from dataclasses import replace
from typing import Any

import dp_accounting
import pytest

from fedasc.aggregators.dp_mixture import DpMixtureAggregator
from fedasc.aggregators.gaussian_mechanism import composed
from fedasc.aggregators.gmm import GmmAggregator
from fedasc.errors import SettingsError
from fedasc.plugins import as_section
from fedasc.population.attendance import NightsSettings
from fedasc.privacy.accountant import YEAR, account, nights_within, of_a_year
from fedasc.report.json_text import json_text
from fedasc.report.table import account_lines
from fedasc.settings import Settings, settings_of

LIMITED = DpMixtureAggregator(epsilon=1.0, limit=3.0)


def settings(aggregator: Any, n_nights: int) -> Settings:
    return Settings(aggregator=aggregator, nights=NightsSettings(n_nights=n_nights))


@pytest.mark.parametrize(("epsilon", "delta"), [(0.25, 1e-6), (1.0, 1e-5), (8.0, 1e-5)])
def test_a_year_is_what_dp_accounting_says_of_as_many_releases(
    epsilon: float, delta: float
) -> None:
    """Exactly; and its Rényi accountant's bound is a little above."""
    sigma = dp_accounting.get_sigma_gaussian(epsilon, delta)
    exact = dp_accounting.get_epsilon_gaussian(sigma / math.sqrt(YEAR), delta)
    assert of_a_year(epsilon, delta) == pytest.approx(exact, rel=1e-6)
    event = dp_accounting.SelfComposedDpEvent(dp_accounting.GaussianDpEvent(sigma), YEAR)
    bound = dp_accounting.rdp.RdpAccountant().compose(event).get_epsilon(delta)
    assert 1 < bound / of_a_year(epsilon, delta) < 1.1


def test_a_place_that_is_heard_every_night_of_a_year_is_told_of_34_times_as_much() -> None:
    assert of_a_year(1.0, 1e-5) == pytest.approx(34.2, abs=0.05)


def test_a_run_tells_what_its_nights_and_a_year_add_up_to() -> None:
    told = account(replace(LIMITED, limit=math.inf), 9)
    assert told["night"] == 1
    assert 3 < told["nights"] < told["year"]
    assert round(told["year"]) == 34
    assert account(GmmAggregator(), 9) == account(replace(LIMITED, epsilon=math.inf), 9) == {}
    assert "every night of this run: " in account_lines(told).plain
    assert not account_lines({})


def test_as_many_nights_are_within_a_limit_as_add_up_to_no_more() -> None:
    n = nights_within(LIMITED, 3.0)
    assert composed(1.0, 1e-5, int(n)) <= 3 < composed(1.0, 1e-5, int(n) + 1)
    assert nights_within(LIMITED, 0.5) == 0
    assert nights_within(GmmAggregator(), 0.5) == math.inf
    assert nights_within(replace(LIMITED, epsilon=math.inf), 0.5) == 0


def test_a_run_whose_nights_add_up_to_more_than_the_limit_is_refused() -> None:
    n = int(nights_within(LIMITED, 3.0))
    assert settings(LIMITED, n).aggregator is LIMITED
    told = rf"nights with an epsilon of 1 each add up to 3.*limit of 3; have at most {n} of them"
    with pytest.raises(SettingsError, match=told) as refused:
        settings(LIMITED, n + 1)
    assert "\n" not in str(refused.value)
    with pytest.raises(SettingsError, match=r"; lower epsilon$"):
        settings(replace(LIMITED, limit=0.5), 1)


def test_without_a_limit_and_without_a_guarantee_nights_may_be_any() -> None:
    for aggregator in (DpMixtureAggregator(), GmmAggregator(), replace(LIMITED, limit=math.inf)):
        assert settings(aggregator, 1000).nights.n_nights == 1000
    with pytest.raises(SettingsError, match="epsilon of inf"):
        settings(replace(LIMITED, epsilon=math.inf), 1)


def test_settings_that_have_no_limit_come_back_from_json() -> None:
    without = DpMixtureAggregator(epsilon=math.inf)
    section = json.loads(json_text(as_section(without)))
    assert settings_of({"aggregator": section}, where="x").aggregator == without
