from pathlib import Path

import numpy as np
import pytest

from fedasc.aggregators.gmm import GmmAggregator
from fedasc.errors import SettingsError
from fedasc.evaluation.scores import Confusion
from fedasc.strategies.personalised import PersonalisedStrategy
from fedasc.study.point import Point
from fedasc.study.variants import read_variants, weigh

VARIANTS = """
seed = 4

[study]
n_repetitions = 3

[strategy]
certainty = 0.5
max_draws = 7

[variants.plain]

[variants."hard, certain".strategy]
targets = "hard"
certainty = 0.9

[variants.other.embedded]
keep = "last"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "variants.toml"
    path.write_text(VARIANTS)
    return path


def test_a_variant_changes_what_it_names_and_nothing_else(file: Path) -> None:
    found, plan = read_variants(str(file), n_repetitions=2)
    assert list(found) == ["plain", "hard, certain", "other"]
    assert plan.n_repetitions == 2
    assert {settings.seed for settings in found.values()} == {4}
    plain, hard, other = found.values()
    assert plain.strategy == PersonalisedStrategy(certainty=0.5, targets="soft", max_draws=7)
    assert hard.strategy == PersonalisedStrategy(certainty=0.9, targets="hard", max_draws=7)
    assert (hard.embedded, other.strategy) == (plain.embedded, plain.strategy)
    assert (plain.embedded.keep, other.embedded.keep) == ("mean", "last")


def test_those_that_come_along_can_be_read() -> None:
    found, plan = read_variants("retraining")
    assert len(found) > 10
    assert len(set(map(repr, found.values()))) == len(found), "every variant must be another"
    assert len(plan.components) == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("seed = 1", "nothing to choose between"),
        ("variants = 3", "nothing to choose between"),
        ("[variants]\nplain = 3", "variants.plain"),
        ("[variants.a.strategy]\nlables = 'hard'", "variant 'a'.*did you mean 'labels'"),
    ],
)
def test_refuses_what_names_no_variants(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "variants.toml"
    path.write_text(text)
    with pytest.raises(SettingsError, match=said):
        read_variants(str(path))


def point(user: str, system: str, repetition: int, n_right: int) -> Point:
    counts = np.zeros((4, 4), np.int64)
    counts[0, :2] = n_right, 100 - n_right
    return Point(
        repetition=repetition,
        seed=repetition,
        user=user,
        system=system,
        aggregator=GmmAggregator() if system == "personal" else None,
        score=Confusion(counts),
        facts={},
    )


def test_gains_are_paired_within_repetitions() -> None:
    """The comprehensive classifier has 80 and 60 of 100 right, the personal one 2 and 4 more."""
    points = [
        point(user, system, number, right)
        for user, more in (("a", 0), ("b", 2))
        for number, level in enumerate((80, 60))
        for system, right in (
            ("baseline", level - 10),
            ("comprehensive", level),
            ("teacher", level + 15),
            ("personal", level + 1 + 2 * number + more),
        )
    ]
    found = weigh("some", points)
    assert found.accuracy["comprehensive"] == pytest.approx(0.7)
    assert found.accuracy["personal"] == pytest.approx(0.73)
    assert found.over_comprehensive.mean == pytest.approx(0.03)
    assert found.over_baseline.mean == pytest.approx(0.13)
    # differences of 2 and 4 points: mean 3, deviation √2, t(0.975, 1) = 12.706
    assert found.over_comprehensive.low == pytest.approx(0.03 - 12.706 * 0.01, abs=1e-4)
    assert found.by_user["a"].mean == pytest.approx(0.02)
    assert found.by_user["b"].mean == pytest.approx(0.04)
