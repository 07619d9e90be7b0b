"""Devices that answer at once: what is left of a night is its messages."""

import numpy as np
from flwr.app import Context, Message
from flwr.clientapp import ClientApp

from fedasc.aggregators.summary import Summary
from fedasc.evaluation.scores import Confusion
from fedasc.flower.client_app import node_of
from fedasc.flower.cohorts import Cohorts, bundle
from fedasc.flower.messages import classifiers_of, night_of, scores_reply, summary_reply
from fedasc.scenes import N_SCENES


def make_instant_app(summary: Summary, cohorts: Cohorts) -> ClientApp:
    """A client app whose devices all send the same summary and neither listen nor judge.

    Messages are as large, and are packed and checked, as those of real devices. Every count that a
    device scores is its own number, which tells whose reply was taken for whose.
    """
    app = ClientApp()

    @app.train()
    def train(message: Message, context: Context) -> Message:
        night_of(message)
        hosted = cohorts.devices(node_of(context))
        replies = {device: summary_reply(device, summary) for device in hosted}
        return Message(bundle(node_of(context), replies), reply_to=message)

    @app.evaluate()
    def evaluate(message: Message, context: Context) -> Message:
        replies = {}
        for device in cohorts.devices(node_of(context)):
            score = Confusion(np.full((N_SCENES, N_SCENES), device))
            scores = dict.fromkeys(classifiers_of(message, device), score)
            replies[device] = scores_reply(device, scores)
        return Message(bundle(node_of(context), replies), reply_to=message)

    return app
