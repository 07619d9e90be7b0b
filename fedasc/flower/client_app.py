"""The client app: a node that is one hearing aid, or several. Never imports torch."""

from flwr.app import Context, Message
from flwr.clientapp import ClientApp

from fedasc.aggregators.gmm import GmmAggregator
from fedasc.device import judge, summarise
from fedasc.flower.cohorts import Cohorts, bundle
from fedasc.flower.messages import (
    classifiers_of,
    night_of,
    scores_reply,
    summary_reply,
)
from fedasc.scenario import Scenario


def make_client_app(
    scenario: Scenario, aggregator: GmmAggregator, cohorts: Cohorts | None = None
) -> ClientApp:
    """A client app in which each node hosts its cohort; by default node i is device i alone."""
    app = ClientApp()
    hosted = cohorts or Cohorts(len(scenario.users))

    @app.train()
    def train(message: Message, context: Context) -> Message:
        replies = {}
        for device in hosted.devices(_node(context)):
            summary = summarise(scenario, aggregator, device, night=night_of(message))
            replies[device] = summary_reply(device, summary)
        return Message(bundle(replies), reply_to=message)

    @app.evaluate()
    def evaluate(message: Message, context: Context) -> Message:
        replies = {}
        for device in hosted.devices(_node(context)):
            rivals = classifiers_of(message, device)
            scores = judge(scenario, rivals, device, night=night_of(message))
            replies[device] = scores_reply(device, scores)
        return Message(bundle(replies), reply_to=message)

    return app


def _node(context: Context) -> int:
    return int(context.node_config["partition-id"])
