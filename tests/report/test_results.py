from typing import Any

import pytest

from fedasc.report.results import CLASSIFIERS, summarise_profiles


def row(profile: str, before: float, after: float, **others: float) -> dict[str, Any]:
    scores = {f"{name}_accuracy": 0.5 for name in CLASSIFIERS}
    scores |= {f"{name}_noise": float("nan") for name in CLASSIFIERS}
    scores |= {"baseline_accuracy": before, "personal_accuracy": after}
    return {"profile": profile, **scores, **others}


def test_profiles_are_summarised_apart_and_together() -> None:
    near, far, both = summarise_profiles(
        [row("near", 0.8, 0.7), row("far", 0.5, 0.7), row("far", 0.6, 0.7), row("far", 0.7, 0.7)]
    )
    assert (near.profile, far.profile, both.profile) == ("near", "far", "all")
    assert (near.n_users, far.n_users, both.n_users) == (1, 3, 4)
    assert near.gain.median == pytest.approx(-0.1)
    assert far.gain.median == pytest.approx(0.1)
    assert both.gain.median == pytest.approx(0.05)
    assert far.gain.worst_tenth == pytest.approx(0.02)


def test_only_users_who_lose_count_as_made_worse() -> None:
    *_, both = summarise_profiles([row("a", 0.8, 0.7), row("a", 0.7, 0.7), row("a", 0.6, 0.7)])
    assert both.made_worse == pytest.approx(1 / 3)


def test_users_who_hear_no_noise_do_not_spoil_the_class_noise() -> None:
    heard = row("a", 0.5, 0.5, baseline_noise=0.4, personal_noise=0.6)
    *_, both = summarise_profiles([heard, row("a", 0.5, 0.5)])
    assert both.noise["personal"] == pytest.approx(0.6)
    assert both.gain_noise.median == pytest.approx(0.2)
