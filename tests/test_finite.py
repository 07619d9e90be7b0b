"""No setting of any kind takes what is no number, or has no end."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from math import inf, nan
from typing import Any

import pytest

from fedasc.aggregators.aggregator import Aggregator
from fedasc.aggregators.dp_mixture import DpMixtureAggregator
from fedasc.aggregators.pooled_sums import PooledSumsAggregator
from fedasc.bank_search.settings import SearchSettings
from fedasc.corpus.data_sets import DataSet
from fedasc.corpus.synthetic import SyntheticCorpus
from fedasc.errors import SettingsError
from fedasc.execution import Execution
from fedasc.models.teacher import TeacherSettings
from fedasc.population.profile import UserProfile
from fedasc.probes.probe import Probe
from fedasc.settings import Settings
from fedasc.strategies.strategy import Strategy

ENDLESS = {
    (UserProfile, "concentration"),
    (DpMixtureAggregator, "epsilon"),
    (DpMixtureAggregator, "limit"),
    (PooledSumsAggregator, "epsilon"),
    (PooledSumsAggregator, "limit"),
}
"""What may be inf: each noise as often as there are recordings of it; nothing that bounds what a
night tells, or nights."""


def everything() -> Iterator[Any]:
    """Settings of each kind that comes along."""
    for family in (Aggregator, Probe, Strategy, TeacherSettings):
        for name in family.family.builtin:
            yield family.from_section({"name": name}, where="here")
    yield from (Settings(), SearchSettings(), Execution(), SyntheticCorpus())
    yield UserProfile(noise={"*": 1}, music=("pop",))
    yield DataSet(noise=("rain",), music=("pop",), files=4, shares={"train": 1.0})


def floats(settings: Any) -> Iterator[tuple[Any, str, Any]]:
    """Settings, and the name and what stands there, of each number in them or within them."""
    for field in fields(settings):
        value = getattr(settings, field.name)
        for inner in value if isinstance(value, tuple) else (value,):
            if is_dataclass(inner):
                yield from floats(inner)
        if "float" in str(field.type) and field.name != "precision":
            yield settings, field.name, value


NUMBERS = {
    (type(settings).__name__, name): (settings, name, value)
    for one in everything()
    for settings, name, value in floats(one)
}


def test_there_are_many() -> None:
    kinds = {kind for kind, _ in NUMBERS}
    assert {"EmbeddedSettings", "FilterBank", "UserSettings", "SelfTraining"} <= kinds
    assert len(NUMBERS) > 60


@pytest.mark.parametrize("endless", [nan, inf, -inf])
@pytest.mark.parametrize("place", NUMBERS, ids=".".join)
def test_a_number_must_be_one(place: tuple[str, str], endless: float) -> None:
    settings, name, value = NUMBERS[place]
    if endless == inf and (type(settings), name) in ENDLESS:
        return
    wrong: Any = (*value[:-1], endless) if isinstance(value, tuple) else endless
    wrong = dict.fromkeys(value, endless) if isinstance(value, dict) else wrong
    with pytest.raises(SettingsError):
        replace(settings, **{name: wrong})
