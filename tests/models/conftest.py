"""Fixtures of tests of teachers."""

import pytest

from fedasc.models import mobilenet


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """C2 labels few pictures at a time: whole blocks, however few there are, take seconds."""
    monkeypatch.setattr(mobilenet, "_PIXELS_AT_ONCE", 2**13)
