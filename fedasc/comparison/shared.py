"""Summaries that are made once, however many strategies use them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fedasc.aggregators.aggregator import Aggregator, Budget, Stream, whole
from fedasc.aggregators.content import Content
from fedasc.aggregators.encoding import Encoding
from fedasc.aggregators.quantised import QuantisedAggregator
from fedasc.cache import cached
from fedasc.config import fingerprint
from fedasc.models.embedded import EmbeddedClassifier
from fedasc.study.code import code_fingerprint, description

_SHELF = "content"


@dataclass(frozen=True, kw_only=True)
class SharedAggregator(Aggregator):
    """Does what another aggregator does, and keeps what came out on disk.

    Args:
        inner: The other one.
    """

    inner: Aggregator

    @property
    def kind(self) -> type[Content]:
        return self.inner.kind

    @property
    def encoding(self) -> Encoding:  # type: ignore[override]  # nobody writes it
        return self.inner.encoding

    @property
    def is_private(self) -> bool:  # type: ignore[override]  # nobody writes it
        return self.inner.is_private

    def budget(self, n_windows: int) -> Budget:
        return self.inner.budget(n_windows)

    def summarise(self, stream: Stream, *, classifier: EmbeddedClassifier, seed: int) -> Content:
        x = whole(stream)

        def make(folder: Path) -> None:
            content = self.inner.summarise(iter(x), classifier=classifier, seed=seed)
            np.savez(folder / "content.npz", **dict[str, Any](content.arrays()))

        key = fingerprint(
            *(code_fingerprint(), description(self.inner), seed),
            digest({"x": x, **classifier.arrays()}),
        )
        with np.load(cached(_SHELF, key, make) / "content.npz") as arrays:
            return self.kind.of_arrays(dict(arrays))


def shared(aggregator: Aggregator) -> Aggregator:
    """An aggregator that does the same, and nothing that was done before."""
    if isinstance(aggregator, QuantisedAggregator):  # which says what the other one says
        return replace(aggregator, aggregator=shared(aggregator.aggregator))
    return SharedAggregator(inner=aggregator)


def digest(arrays: Mapping[str, NDArray[Any]]) -> str:
    """Short for the content of arrays, to the last bit."""
    found = blake2b(digest_size=12)
    for name, array in sorted(arrays.items()):
        found.update(f"{name}\0{array.dtype.str}\0{array.shape}\0".encode())
        found.update(np.ascontiguousarray(array).tobytes())
    return found.hexdigest()
