"""Fixtures of tests of what is shown."""

import pytest


@pytest.fixture(autouse=True)
def drawn(pixels: None) -> None:
    """Figures are drawn."""
