"""Summaries that are made once, however many strategies use them."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fedasc.aggregators.aggregator import Aggregator, Budget, Stream, whole
from fedasc.aggregators.content import Components, Content
from fedasc.aggregators.draft import Draft
from fedasc.aggregators.public import Public
from fedasc.code import modules_of
from fedasc.faults import fault_of
from fedasc.models.embedded import EmbeddedClassifier
from fedasc.plugins import as_section
from fedasc.shelves import CONTENT

_BEHIND = "n_effective.npy"
"""How many windows stand behind each component, of content that has any."""

_STRETCHES = "n_stretches.npy"
"""From how many stretches of the day these are, if the aggregator tells."""


@dataclass(frozen=True, kw_only=True)
class CachedAggregator(Aggregator):
    """Does what another aggregator does, and keeps what came out on disk.

    Args:
        inner: The other one.
    """

    inner: Aggregator

    @property
    def name(self) -> str:
        return self.inner.name

    @property
    def kind(self) -> type[Content]:
        return self.inner.kind

    @property
    def sends_raw(self) -> bool:  # type: ignore[override]  # nobody writes it
        return self.inner.sends_raw

    @property
    def epsilon(self) -> float | None:  # type: ignore[override]
        return self.inner.epsilon

    @property
    def limit(self) -> float:  # type: ignore[override]
        return self.inner.limit

    def spent(self, n_nights: int) -> float | None:
        return self.inner.spent(n_nights)

    def check(self, content: Content) -> None:
        self.inner.check(content)

    def budget(self, n_windows: int) -> Budget:
        return self.inner.budget(n_windows)

    def summarise(
        self, stream: Stream, *, classifier: EmbeddedClassifier, public: Public, seed: int
    ) -> Content | Draft[Components]:
        x = whole(stream)

        def make(folder: Path) -> None:
            with fault_of(self.inner, "summarise"):
                made = self.inner.summarise(
                    iter(x), classifier=classifier, public=public, seed=seed
                )
            if isinstance(made, Draft):
                np.save(folder / _BEHIND, made.n_effective)
                if made.n_stretches is not None:
                    np.save(folder / _STRETCHES, made.n_stretches)
                made = made.content
            np.savez(folder / "content.npz", **dict[str, Any](made.arrays()))

        has = classifier.inputs, digest({"x": x, **classifier.arrays()}), public.digest
        entry = CONTENT.entry(as_section(self.inner), seed, *has, by=modules_of(self.inner))
        folder = entry.made(make)
        with np.load(folder / "content.npz") as arrays:
            content = self.kind.of_arrays(dict(arrays))
        if not (folder / _BEHIND).exists():
            return content
        assert isinstance(content, Components), "the draft had components"
        tells = (folder / _STRETCHES).exists()
        stretches = np.load(folder / _STRETCHES) if tells else None
        return Draft(content, np.load(folder / _BEHIND), stretches)


def digest(arrays: Mapping[str, NDArray[Any]]) -> str:
    """Short for the content of arrays, to the last bit."""
    hashed = blake2b(digest_size=12)
    for name, array in sorted(arrays.items()):
        hashed.update(f"{name}\0{array.dtype.str}\0{array.shape}\0".encode())
        hashed.update(np.ascontiguousarray(array).tobytes())
    return hashed.hexdigest()
