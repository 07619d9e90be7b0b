"""The client app: a node that is one hearing aid. Never imports torch."""

from flwr.app import Context, Message
from flwr.clientapp import ClientApp

from fedasc.aggregators.gmm import GmmAggregator
from fedasc.device import judge, summarise
from fedasc.flower.messages import (
    classifiers_of,
    night_of,
    scores_reply,
    summary_reply,
)
from fedasc.scenario import Scenario


def make_client_app(scenario: Scenario, aggregator: GmmAggregator) -> ClientApp:
    """A client app in which node i is the device of user i."""
    app = ClientApp()

    @app.train()
    def train(message: Message, context: Context) -> Message:
        device = _device(context)
        summary = summarise(scenario, aggregator, device, night=night_of(message))
        return Message(summary_reply(device, summary), reply_to=message)

    @app.evaluate()
    def evaluate(message: Message, context: Context) -> Message:
        device = _device(context)
        rivals = classifiers_of(message)
        scores = judge(scenario, rivals, device, night=night_of(message))
        return Message(scores_reply(device, scores), reply_to=message)

    return app


def _device(context: Context) -> int:
    return int(context.node_config["partition-id"])
