"""Forgeries: what an attacking device sends in place of an honest summary. Never imports torch.

A forgery is a valid content of the same kind, of no more bytes and components, whose numbers stay
within what its server could hold for plausible. An attacker knows what every device knows: what it
heard, and the classifier that it was sent, whose statistics tell where features usually lie.
"""

from dataclasses import dataclass, replace
from functools import singledispatch

import numpy as np
from numpy.typing import NDArray

from fedasc.aggregators.content import Content
from fedasc.aggregators.features import Features
from fedasc.aggregators.mixture import Mixture
from fedasc.aggregators.nothing import Nothing
from fedasc.aggregators.scene_mixture import SceneMixture
from fedasc.aggregators.summary import Summary
from fedasc.aggregators.weights import Weights
from fedasc.attacks.attack import Attack, AttackName
from fedasc.audio.bank import VECTORS_PER_SEQUENCE
from fedasc.errors import SettingsError
from fedasc.models.embedded import EmbeddedClassifier
from fedasc.scenes import N_SCENES

_MARGIN_DB = 25.0
"""How far beyond what an attacker has heard others may have heard something."""
_WIDEST_DB = 40.0
"""How far what anyone has heard may deviate from its mean."""
_WIDEST_INPUT_DB = 30.0
"""How far inputs of a classifier may, some of which hardly vary."""
_FACTOR = 20.0
_FAR_WEIGHTS = 100.0
_KINDS = (Mixture, SceneMixture, Features, Weights, Nothing)


def check_attack(attack: Attack, kind: type[Content]) -> None:
    """Hold that an attack can forge what devices send.

    Raises:
        SettingsError: If it can't, since nobody said how.
    """
    if attack.name != "none" and not issubclass(kind, _KINDS):
        known = ", ".join(one.kind for one in _KINDS[:-1])
        raise SettingsError(
            f"attack {attack.name!r} doesn't know how to forge {kind.kind}, only {known}; use "
            "another aggregator, or no attack"
        )


@dataclass(frozen=True, eq=False, kw_only=True)
class Forger:
    """An attacking device on a night.

    Args:
        name: Of its attack.
        has: The classifier that it was sent.
        own: Its own draws.
        shared: The draws that all attackers have in common.
    """

    name: AttackName
    has: EmbeddedClassifier
    own: np.random.Generator
    shared: np.random.Generator

    def forged(self, summary: Summary, *, n_most: int) -> Summary:
        """What it sends in place of an honest summary.

        Args:
            n_most: Windows that a day has at most; all of them are claimed.
        """
        content = _forged(summary.content, self)
        return Summary.of(content, n_most, encoding=summary.encoding)

    @property
    def mean(self) -> NDArray[np.float32]:
        """(n_features,) where windows usually lie, as its classifier tells."""
        mean = self.has.mean
        n = len(mean) // VECTORS_PER_SEQUENCE
        return mean if self.has.inputs == "sequence" else np.tile(mean[:n], VECTORS_PER_SEQUENCE)

    @property
    def deviation(self) -> NDArray[np.float32]:
        """(n_features,) how far they usually lie from there.

        Of statistics it is that of means, and that from them within a window.
        """
        mean, variance = self.has.mean, self.has.variance
        if self.has.inputs == "sequence":
            return np.sqrt(variance)
        n = len(mean) // VECTORS_PER_SEQUENCE
        within = np.square(mean[n : 2 * n]) + variance[n : 2 * n]
        return np.tile(np.sqrt(variance[:n] + within), VECTORS_PER_SEQUENCE)

    def moved(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """Where it says that what lies at x (n_places, n_features) is.

        In one corner of what is plausible, mirrored about the usual mean, twenty times as far from
        it, or all in one place.
        """
        mean, low, high = self.mean, x.min(axis=0) - _MARGIN_DB, x.max(axis=0) + _MARGIN_DB
        if self.name == "far":
            corner = np.where(self.own.random(len(mean)) < 0.5, low, high)
            places = np.broadcast_to(corner, x.shape)
        elif self.name == "sybil":
            away = np.clip(self.shared.standard_normal(len(mean)), -2, 2)
            places = np.broadcast_to(mean + away * self.deviation, x.shape)
        else:
            factor = -1 if self.name == "flip" else _FACTOR
            places = np.clip(mean + factor * (x - mean), low, high)
        return places.astype(np.float32)


@singledispatch
def _forged(content: Content, forger: Forger) -> Content:
    raise TypeError(f"no forgery of {content.kind}")  # settings were checked


@_forged.register
def _nothing(content: Nothing, forger: Forger) -> Nothing:
    return content


@_forged.register
def _features(content: Features, forger: Forger) -> Features:
    return Features(forger.moved(content.x))


@_forged.register
def _mixture(content: Mixture, forger: Forger) -> Mixture:
    """What is scaled gets wider, too; all attackers' the same is one narrow Gaussian."""
    if forger.name == "sybil":
        content = content.of_components(np.arange(content.n_components) == 0)
        variances = (forger.deviation / 10) ** 2 + np.float32(1e-3)
        narrow = np.diag(variances) if content.is_full else variances
        covariances = narrow[None].astype(np.float32)
        return replace(content, means=forger.moved(content.means), covariances=covariances)
    if forger.name == "scale":
        widest = np.sqrt(content.variances.max(axis=0))
        wider = np.clip(_WIDEST_DB / widest, 1, _FACTOR)
        squares = np.outer(wider, wider) if content.is_full else wider**2
        content = replace(content, covariances=content.covariances * squares.astype(np.float32))
    return replace(content, means=forger.moved(content.means))


@_forged.register
def _scene_mixture(content: SceneMixture, forger: Forger) -> SceneMixture:
    """Whatever else is done, every component is said to be of another scene than it is."""
    mixture = _mixture(content.mixture, forger)
    scene = (N_SCENES - 1 - content.scene).astype(np.int8)
    if forger.name == "sybil":
        scene = np.full(1, forger.shared.integers(N_SCENES), np.int8)
    return SceneMixture(mixture, scene)


@_forged.register
def _weights(content: Weights, forger: Forger) -> Weights:
    """Far is a hundred times the largest number; scaled is the opposite of what was learnt.

    All attackers' the same is the classifier that they were sent, but that it takes each scene for
    the next. What is said of the inputs stays plausible.
    """
    arrays = dict(content.arrays())
    for name, old in forger.has.arrays().items():
        learnt = arrays[name] - old
        if forger.name == "far":
            size = _FAR_WEIGHTS * np.abs(old).max()
            new = old + size * forger.own.choice([-1, 1], old.shape)
        elif forger.name == "sybil":
            new = np.roll(old, 1, axis=-1) if name.startswith("output") else old
        else:
            new = old - learnt * (_FACTOR if forger.name == "scale" else 1)
        arrays[name] = np.asarray(new, np.float32)
    mean = forger.has.mean
    arrays["mean"] = np.clip(arrays["mean"], mean - _MARGIN_DB, mean + _MARGIN_DB)
    arrays["variance"] = np.clip(arrays["variance"], 0, np.float32(_WIDEST_INPUT_DB**2))
    return Weights(**arrays)
