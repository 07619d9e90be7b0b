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


def score_of(device: int, n_windows: int) -> Confusion:
    """Counts that tell a device's number, digit after digit to the base of two.

    Args:
        n_windows: What they add up to, 15 at least.
    """
    digits = [device >> place & 1 for place in range(N_SCENES**2 - 1)]
    counts = np.array([n_windows - sum(digits), *digits])
    return Confusion(counts.reshape(N_SCENES, N_SCENES))


def device_of(score: Confusion) -> int:
    """The number that counts tell (see `score_of`)."""
    return sum(int(digit) << place for place, digit in enumerate(score.counts.ravel()[1:]))


def make_instant_app(summary: Summary, cohorts: Cohorts, *, n_evaluation: int) -> ClientApp:
    """A client app whose devices all send the same summary and neither listen nor judge.

    Messages are as large, and are packed and checked, as those of real devices. What a device
    scores tells its number, and so whose reply was taken for whose.

    Args:
        n_evaluation: Windows that it is to be tried on.
    """
    app = ClientApp()

    @app.train()
    def train(message: Message, context: Context) -> Message:
        night, hosted = night_of(message), cohorts.devices(node_of(context))
        replies = {device: summary_reply(device, night, summary) for device in hosted}
        return Message(bundle(node_of(context), replies), reply_to=message)

    @app.evaluate()
    def evaluate(message: Message, context: Context) -> Message:
        night, replies = night_of(message), {}
        for device in cohorts.devices(node_of(context)):
            score = score_of(device, n_evaluation)
            scores = dict.fromkeys(classifiers_of(message, device), score)
            replies[device] = scores_reply(device, night, scores)
        return Message(bundle(node_of(context), replies), reply_to=message)

    return app
