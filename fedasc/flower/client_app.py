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
from fedasc.flower.shared import Shared
from fedasc.scenario import Scenario


def make_client_app(
    scenario: Shared[Scenario], aggregator: GmmAggregator, cohorts: Cohorts
) -> ClientApp:
    """A client app in which each node hosts its cohort."""
    app = ClientApp()

    @app.train()
    def train(message: Message, context: Context) -> Message:
        replies = {}
        for device in cohorts.devices(node_of(context)):
            summary = summarise(scenario.get(), aggregator, device, night=night_of(message))
            replies[device] = summary_reply(device, summary)
        return Message(bundle(replies), reply_to=message)

    @app.evaluate()
    def evaluate(message: Message, context: Context) -> Message:
        replies = {}
        for device in cohorts.devices(node_of(context)):
            rivals = classifiers_of(message, device)
            scores = judge(scenario.get(), rivals, device, night=night_of(message))
            replies[device] = scores_reply(device, scores)
        return Message(bundle(replies), reply_to=message)

    return app


def node_of(context: Context) -> int:
    return int(context.node_config["partition-id"])
