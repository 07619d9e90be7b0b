"""Fixtures of tests of corpora."""

import signal
from collections.abc import Iterator

import pytest

MOST_S = 20


@pytest.fixture
def timely() -> Iterator[None]:
    """Whatever takes longer is taken for hanging."""

    def stop(*_: object) -> None:
        pytest.fail(f"took more than {MOST_S} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(MOST_S)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)
