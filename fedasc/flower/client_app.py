"""The client app: a node that is one hearing aid, or several. Never imports torch."""

from flwr.app import Context, Message
from flwr.clientapp import ClientApp

from fedasc.device import Devices
from fedasc.flower.cohorts import Cohorts, bundle
from fedasc.flower.messages import (
    HELLO,
    PERSONAL,
    classifiers_of,
    held_of,
    night_of,
    scores_reply,
    summary_reply,
)
from fedasc.flower.shared import Shared


def make_client_app(devices: Shared[Devices], cohorts: Cohorts) -> ClientApp:
    """A client app in which each node hosts its cohort.

    A node keeps nothing from message to message: each request says what its devices have.

    Args:
        devices: Simulated ones, or real ones.
        cohorts: Which of them a node hosts.
    """
    app = ClientApp()

    @app.query(HELLO)
    def hello(message: Message, context: Context) -> Message:
        return Message(bundle(node_of(context), {}), reply_to=message)

    @app.train()
    def train(message: Message, context: Context) -> Message:
        hosted, night, node = devices.get(), night_of(message), node_of(context)
        replies = {}
        for device in cohorts.devices(node):
            summary = hosted.summarise(device, held_of(message, device), night=night)
            if summary is not None:
                replies[device] = summary_reply(device, night, summary)
        return Message(bundle(node, replies), reply_to=message)

    @app.evaluate()
    def evaluate(message: Message, context: Context) -> Message:
        hosted, night, node = devices.get(), night_of(message), node_of(context)
        replies = {}
        for device in cohorts.devices(node):
            given = classifiers_of(message, device)
            has = given.get(PERSONAL, given["baseline"])
            goes_on = hosted.settled(device, has, night=night)
            scores = hosted.judge(device, {**given, PERSONAL: goes_on}, night=night)
            if scores is not None:
                trained = None if goes_on is has else goes_on
                replies[device] = scores_reply(device, night, scores, trained)
        return Message(bundle(node, replies), reply_to=message)

    return app


def node_of(context: Context) -> int:
    return int(context.node_config["partition-id"])
