"""The client app: a node that speaks for one hearing aid, or several. Never imports torch."""

from collections.abc import Callable

from flwr.app import Context, Message, RecordDict
from flwr.clientapp import ClientApp

from fedasc.device import Devices
from fedasc.flower.given import Given
from fedasc.flower.hosts import bundle
from fedasc.flower.messages import (
    PERSONAL,
    devices_of,
    failed_reply,
    night_of,
    scores_reply,
    summary_reply,
)
from fedasc.flower.queries import answers_reply, questions_of
from fedasc.flower.shared import Shared
from fedasc.losses import reason_of


def make_client_app(devices: Shared[Devices]) -> ClientApp:
    """A client app in which a node speaks for the devices that it is asked for.

    A node keeps nothing from message to message: each request says what its devices have. A device
    that fails says why, and the others of its node answer.

    Args:
        devices: Simulated ones, or real ones.
    """
    app = ClientApp()

    @app.train()
    def train(message: Message, context: Context) -> Message:
        hosted, night, given = devices.get(), night_of(message), Given(message)

        def summarise(device: int) -> RecordDict:
            summary = hosted.summarise(device, given.had(device), night=night)
            return RecordDict() if summary is None else summary_reply(device, night, summary)

        return _reply(message, summarise)

    @app.query()
    def query(message: Message, context: Context) -> Message:
        hosted, night = devices.get(), night_of(message)

        def ask(device: int) -> RecordDict:
            answers = hosted.ask(device, questions_of(message, device))
            return RecordDict() if answers is None else answers_reply(device, night, answers)

        return _reply(message, ask)

    @app.evaluate()
    def evaluate(message: Message, context: Context) -> Message:
        hosted, night, given = devices.get(), night_of(message), Given(message)

        def judge(device: int) -> RecordDict:
            classifiers = given.judged(device)
            has = classifiers.get(PERSONAL, classifiers["baseline"])
            goes_on = hosted.settled(device, has, night=night)
            scores = hosted.judge(device, {**classifiers, PERSONAL: goes_on}, night=night)
            trained = None if goes_on is has else goes_on
            return RecordDict() if scores is None else scores_reply(device, night, scores, trained)

        return _reply(message, judge)

    return app


def _reply(message: Message, answer: Callable[[int], RecordDict]) -> Message:
    contents = {}
    for device in devices_of(message):
        try:
            contents[device] = answer(device)
        except (Exception, SystemExit) as error:
            contents[device] = failed_reply(reason_of(error, device))
    return Message(bundle(contents), reply_to=message)
