from fedasc.models.self_training import SelfTraining
from fedasc.strategies.local import LocalStrategy
from tests.strategies.servers import SUMMARIES, served


def test_the_server_gives_nothing_and_devices_train_themselves() -> None:
    training = SelfTraining(n_epochs=3)
    strategy = LocalStrategy(training=training)
    assert not served(strategy, SUMMARIES)
    assert strategy.device_training() is training
