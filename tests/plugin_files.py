"""Files of plug-ins that tests write, and what makes Python forget them."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

AGGREGATOR = """
from dataclasses import dataclass
import numpy as np
from fedasc import Aggregator, Mixture
from fedasc.aggregators.aggregator import Budget, whole
from fedasc.aggregators.draft import Draft

@dataclass(frozen=True, kw_only=True)
class Mine(Aggregator):
    kind = Mixture
    floor: float = 0.01

    def summarise(self, stream, *, classifier, public, seed):
        x = whole(stream)
        mean, variance = x.mean(axis=0), x.var(axis=0) + self.floor
        parts = np.ones(1), mean[None], variance[None]
        mixture = Mixture(*(part.astype(np.float32) for part in parts))
        return Draft(mixture, n_effective=np.array([float(len(x))]))

    def budget(self, n_windows):
        size = 4 * (1 + 2 * 45)
        return Budget(n_bytes=size, memory_bytes=size + 180 * n_windows, n_macs=90 * n_windows, n_rounded=3)
"""  # noqa: E501
PROBE = """
from dataclasses import dataclass
from fedasc import Probe

@dataclass(frozen=True, kw_only=True)
class Mine(Probe):
    columns = ("loudest_db",)

    def look(self, sight):
        return {"loudest_db": float(sight.heard.x.max())}
"""
RAW = """
from dataclasses import dataclass
import numpy as np
from fedasc import Aggregator, Mixture
from fedasc.aggregators.aggregator import Budget, whole
from fedasc.aggregators.draft import Draft

@dataclass(frozen=True, kw_only=True)
class Mine(Aggregator):
    kind = Mixture
    moved: float = 0.0

    def summarise(self, stream, *, classifier, public, seed):
        x = whole(stream)
        means = x[:20] + self.moved * np.random.default_rng(seed).normal(size=x[:20].shape)
        parts = np.full(20, 0.05), means, np.full(means.shape, 1e-4)
        mixture = Mixture(*(part.astype(np.float32) for part in parts))
        return Draft(mixture, n_effective=np.full(20, len(x) / 20))

    def budget(self, n_windows):
        size = 4 * 20 * (1 + 2 * 45)
        return Budget(n_bytes=size, memory_bytes=size + 180 * n_windows, n_macs=0, n_rounded=3)
"""
"""Twenty windows as they were heard, called a mixture of components of many windows each."""


def line_of(text: str, part: str) -> int:
    """Number of the line in which a part of a text begins."""
    return text[: text.index(part)].count("\n") + 1


@contextmanager
def forgotten(folder: Path) -> Iterator[None]:
    """At the end, modules of a folder and where they are looked for are forgotten."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "path", list(sys.path))
        yield
    for name, module in list(sys.modules.items()):
        if str(folder) in str(getattr(module, "__file__", "")):
            del sys.modules[name]
