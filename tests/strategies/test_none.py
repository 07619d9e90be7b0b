from fedasc.strategies.none import NoStrategy
from fedasc.strategies.tonight import Tonight
from tests.strategies.servers import SERVER, STREAMS, SUMMARIES


def test_nobody_gets_anything_and_nothing_is_remembered_or_trained() -> None:
    found = NoStrategy().serve(SERVER, SUMMARIES, None, Tonight(streams=STREAMS))
    assert not found.personal
    assert found.memory is None
    assert NoStrategy().device_training() is None
