from collections.abc import Mapping
from dataclasses import replace
from typing import get_args

import numpy as np
import pytest

from fedasc.aggregators.content import Content
from fedasc.aggregators.features import Features
from fedasc.aggregators.mixture import Mixture
from fedasc.aggregators.nothing import Nothing
from fedasc.aggregators.scene_mixture import SceneMixture
from fedasc.aggregators.summary import Summary
from fedasc.aggregators.weights import Weights
from fedasc.attacks.attack import AttackName
from fedasc.attacks.forgery import Forger
from fedasc.errors import SettingsError
from fedasc.models.inputs import inputs_of
from fedasc.release.release import Release
from fedasc.settings import settings_of
from fedasc.testing.bits import bits_of
from tests.aggregators.test_mixture import (
    random_full_mixture,
    random_mixture,
    random_tied_mixture,
)
from tests.models.test_embedded import random_classifier
from tests.models.test_training import blobs
from tests.strategies.servers import SERVER

N_MOST = 70
ATTACKS: tuple[AttackName, ...] = tuple(name for name in get_args(AttackName) if name != "none")
HAS = SERVER.comprehensive


def contents(seed: int = 0) -> Mapping[str, Content]:
    mixture = random_mixture(4, seed=seed)
    return {
        "diagonal": mixture,
        "full": random_full_mixture(4, seed=seed),
        "tied": random_tied_mixture(4, seed=seed),
        "scenes": SceneMixture(mixture, np.array([0, 1, 1, 3], np.int8)),
        "features": Features(blobs(N_MOST, seed=seed).x),
        "weights": Weights.of(SERVER.baseline),
    }


def forged(name: AttackName, content: Content, *, device: int = 0, bits: int = 32) -> Summary:
    own, shared = (np.random.default_rng(seed) for seed in (device, 99))
    honest = Summary.of(content, 50, encoding=Release(bits=bits).encoding)
    return Forger(name=name, has=HAS, own=own, shared=shared).forged(honest, n_most=N_MOST)


@pytest.mark.parametrize("bits", [32, 16, 8])
@pytest.mark.parametrize("name", ATTACKS)
@pytest.mark.parametrize("kind", contents())
def test_a_forgery_is_another_content_of_the_same_kind_that_nobody_could_refuse(
    kind: str, name: AttackName, bits: int
) -> None:
    content = contents()[kind]
    honest = Summary.of(content, 50, encoding=Release(bits=bits).encoding)
    summary = forged(name, content, bits=bits)
    assert (summary.kind, summary.n_windows) == (honest.kind, N_MOST)
    assert 0 < summary.n_bytes <= honest.n_bytes
    again = Summary(summary.kind, summary.arrays, N_MOST, honest.encoding)
    assert bits_of(dict(again.arrays)) != bits_of(dict(honest.arrays))
    for low, high, widest in plausible(content, again.content):
        assert low > -31
        assert high < 31
        assert widest < 43  # in 8 bits; else 40


def plausible(honest: Content, content: Content) -> list[tuple[float, float, float]]:
    """How far beyond what was heard it lies, in dB, and how wide."""
    honest, content = (
        one.mixture if isinstance(one, SceneMixture) else one for one in (honest, content)
    )
    if isinstance(content, Mixture) and isinstance(honest, Mixture):
        x, places, widths = honest.means, content.means, np.sqrt(content.variances)
        assert content.n_components <= honest.n_components
    elif isinstance(content, Features) and isinstance(honest, Features):
        x, places, widths = honest.x, content.x, np.zeros(1)
    else:
        assert isinstance(content, Weights)
        x, places, widths = HAS.mean[None], content.mean[None], np.sqrt(content.variance)
    low, high = (places - x.min(axis=0)).min(), (places - x.max(axis=0)).max()
    return [(float(low), float(high), float(widths.max()))]


@pytest.mark.parametrize("kind", ["diagonal", "full", "tied"])
def test_mixtures_are_moved_as_the_attack_says(kind: str) -> None:
    honest = contents()[kind]
    moved = {name: forged(name, honest).content for name in ATTACKS}
    assert isinstance(honest, Mixture)
    far, flip, scale, sybil = (moved[name] for name in ATTACKS)
    assert isinstance(far, Mixture)
    assert isinstance(flip, Mixture)
    assert isinstance(scale, Mixture)
    assert isinstance(sybil, Mixture)
    low, high = honest.means.min(axis=0), honest.means.max(axis=0)
    np.testing.assert_allclose(np.where(far.means < low, low - 25, high + 25), far.means, rtol=1e-5)
    assert len(np.unique(far.means, axis=0)) == 1
    mirrored = np.clip(2 * HAS.mean - honest.means, low - 25, high + 25)
    np.testing.assert_allclose(flip.means, mirrored, atol=1e-4)
    assert (np.abs(scale.means - HAS.mean) >= np.abs(honest.means - HAS.mean) - 1e-3).all()
    assert np.sqrt(scale.variances).max() == pytest.approx(40, rel=0.01)
    assert sybil.n_components == 1


def test_weights_are_moved_as_the_attack_says() -> None:
    learnt = random_classifier(3)
    away = {name: forged(name, Weights.of(learnt)).content for name in ATTACKS}
    was, now = HAS.hidden_weights, learnt.hidden_weights
    flip, scale, far, sybil = (away[name].arrays() for name in ("flip", "scale", "far", "sybil"))
    np.testing.assert_allclose(flip["hidden_weights"] - was, was - now, atol=1e-5)
    np.testing.assert_allclose(scale["hidden_weights"] - was, 20 * (was - now), atol=1e-4)
    assert (np.abs(far["hidden_weights"]) > 50 * np.abs(was).max()).all()
    mistaken = Weights(**dict(sybil)).classifier(HAS.inputs)
    x = blobs(50, seed=5).x
    assert (mistaken.predict(x) == (HAS.predict(x) + 1) % 4).all()


@pytest.mark.parametrize("kind", ["diagonal", "full", "scenes", "weights"])
def test_sybils_all_send_the_same_and_others_do_not(kind: str) -> None:
    mine, others = ([contents(seed)[kind] for seed in (1, 2)], (1, 2))
    for name, n_different in (("sybil", 1), ("far", 2)):
        sent = [forged(name, c, device=d) for c, d in zip(mine, others, strict=True)]  # type: ignore[arg-type]
        assert len({str(bits_of(dict(one.arrays))) for one in sent}) == n_different


def test_scenes_are_told_wrongly() -> None:
    honest = contents()["scenes"]
    assert isinstance(honest, SceneMixture)
    for name in ("far", "flip", "scale"):
        content = forged(name, honest).content
        assert isinstance(content, SceneMixture)
        assert (content.scene != honest.scene).all()


def test_who_sends_nothing_goes_on_sending_nothing() -> None:
    assert isinstance(forged("far", Nothing()).content, Nothing)


def test_a_kind_that_nobody_can_forge_is_refused_before_anything_is_done() -> None:
    place = "simulations/plugins/histograms.py:"
    section = {"strategy": f"{place}FromHistograms", "attack": {"name": "far"}}
    told = "attack 'far' doesn't know how to forge .*, only mixtures, .* and another|use another"
    with pytest.raises(SettingsError, match=told):
        settings_of(section, where="here")
    settings_of({**section, "attack": {"name": "none"}}, where="here")


def test_where_windows_lie_is_told_by_their_statistics_as_by_themselves() -> None:
    rng = np.random.default_rng(0)
    x = (rng.normal(-30, 8, (500, 1, 9)) + rng.normal(0, 3, (500, 5, 9))).astype(np.float32)
    x = x.reshape(500, 45)
    inputs = inputs_of(x, "statistics")
    has = replace(HAS, mean=inputs.mean(axis=0), variance=inputs.var(axis=0), inputs="statistics")
    forger = Forger(name="flip", has=has, own=rng, shared=rng)
    of_features = x.reshape(-1, 9)
    assert forger.mean == pytest.approx(np.tile(of_features.mean(axis=0), 5), abs=1e-3)
    assert forger.deviation == pytest.approx(np.tile(of_features.std(axis=0), 5), rel=1e-3)
    plain = Forger(name="flip", has=HAS, own=rng, shared=rng)
    assert (plain.mean == HAS.mean).all()
    assert plain.deviation == pytest.approx(np.sqrt(HAS.variance))
