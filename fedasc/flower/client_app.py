"""The client app: a node that is one hearing aid, or several. Never imports torch."""

from flwr.app import Context, Message
from flwr.clientapp import ClientApp

from fedasc.aggregators.aggregator import Aggregator
from fedasc.device import judge, retrain, summarise
from fedasc.flower.cohorts import Cohorts, bundle
from fedasc.flower.messages import (
    PERSONAL,
    classifier_of,
    classifiers_of,
    night_of,
    record_of,
    scores_reply,
    shipped_of,
    summary_reply,
)
from fedasc.flower.shared import Shared
from fedasc.models.embedded import EmbeddedClassifier
from fedasc.models.self_training import SelfTraining
from fedasc.scenario import Scenario


def make_client_app(
    scenario: Shared[Scenario],
    aggregator: Aggregator,
    cohorts: Cohorts,
    training: SelfTraining | None = None,
) -> ClientApp:
    """A client app in which each node hosts its cohort.

    What a device has from night to night, its classifier, stays in its node's state.

    Args:
        training: What devices do with the classifier that they have once the server has answered.
    """
    app = ClientApp()

    @app.train()
    def train(message: Message, context: Context) -> Message:
        world, night, node = scenario.get(), night_of(message), node_of(context)
        sending = set(world.attendance(night).sending)
        replies = {}
        for device in cohorts.devices(node):
            if device in sending:
                own = _held(context, device) or shipped_of(message)
                summary = summarise(world, aggregator, device, classifier=own, night=night)
                replies[device] = summary_reply(device, summary)
        return Message(bundle(node, replies), reply_to=message)

    @app.evaluate()
    def evaluate(message: Message, context: Context) -> Message:
        world, night, node = scenario.get(), night_of(message), node_of(context)
        attendance = world.attendance(night)
        members, on_time = set(attendance.members), set(attendance.on_time)
        replies = {}
        for device in cohorts.devices(node):
            if device not in members:
                continue
            rivals = classifiers_of(message, device)
            if PERSONAL in rivals:
                _hold(context, device, rivals[PERSONAL])
            own = _held(context, device) or rivals["baseline"]
            if training and device in on_time:
                own = retrain(world, training, own, device, night=night)
                _hold(context, device, own)
            scores = judge(world, {**rivals, PERSONAL: own}, device, night=night)
            replies[device] = scores_reply(device, scores)
        return Message(bundle(node, replies), reply_to=message)

    return app


def node_of(context: Context) -> int:
    return int(context.node_config["partition-id"])


def _held(context: Context, device: int) -> EmbeddedClassifier | None:
    """The classifier that a device has, if it ever had another one than the shipped one."""
    record = context.state.array_records.get(str(device))
    return None if record is None else classifier_of(record)


def _hold(context: Context, device: int, classifier: EmbeddedClassifier) -> None:
    context.state[str(device)] = record_of(classifier)
