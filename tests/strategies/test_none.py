from fedasc.strategies.none import NoStrategy
from fedasc.strategies.round_context import RoundContext
from tests.strategies.servers import SERVER, STREAMS, SUMMARIES


def test_nobody_gets_anything_and_nothing_is_remembered_or_trained() -> None:
    found = NoStrategy().serve(SERVER, SUMMARIES, None, RoundContext(streams=STREAMS))
    assert not found.personal
    assert found.memory is None
    assert NoStrategy().device_training() is None
