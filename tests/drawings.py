"""What becomes of figures in tests: drawing them takes longer than all else of a small run."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

import pytest
from matplotlib.figure import Figure

from fedasc.report import figures

_CONTENTS, _VECTORS = figures.contents, figures.vectors


@contextmanager
def as_dots() -> Iterator[None]:
    """They are made, but not drawn: a PNG holds a dot, PDF and SVG nothing."""
    dot = BytesIO()
    Figure(figsize=(0.01, 0.01)).savefig(dot, format="png")

    def contents(figure: Figure, *, dpi: int) -> dict[str, bytes]:
        return {".png": dot.getvalue(), ".pdf": b"", ".svg": b""}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(figures, "contents", contents)
        yield


@contextmanager
def as_pixels() -> Iterator[None]:
    """They are drawn as PNG; PDF and SVG hold nothing."""

    def nothing(figure: Figure) -> dict[str, bytes]:
        return {".pdf": b"", ".svg": b""}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(figures, "contents", _CONTENTS)
        patch.setattr(figures, "vectors", nothing)
        yield


@contextmanager
def as_vectors() -> Iterator[None]:
    """They are drawn in all formats."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(figures, "contents", _CONTENTS)
        patch.setattr(figures, "vectors", _VECTORS)
        yield
