"""Questions to users and their answers in messages, packed here and checked here."""

from collections.abc import Mapping, Sequence
from typing import cast

from flwr.app import ArrayRecord, ConfigRecord, Message, MetricRecord, RecordDict

from fedasc.admission import refusals_of
from fedasc.aggregators.encoding import PLAIN
from fedasc.aggregators.mixture import Mixture
from fedasc.errors import MessageError
from fedasc.flower.messages import DEVICE, TASK, check_sender, sender, task
from fedasc.flower.records import expect, packed, unpacked
from fedasc.questions.questions import Answers, Questions
from fedasc.scenes import N_SCENES

_QUESTIONS = "questions"
_MIXTURE = "mixture"
_DAY = "day"
_ANSWERS = "answers"
_COUNTS = "counts"


def query_request(
    night: int, devices: Sequence[int], *, questions: Mapping[int, Questions]
) -> RecordDict:
    """What devices of a node shall ask their users.

    A node keeps nothing from message to message, so each device is told again what it sent of the
    day; a real one would know.

    Args:
        night: Of the request.
        devices: Those that are asked.
        questions: By device, of these at least.
    """
    content = RecordDict({TASK: task(night, devices)})
    for device in devices:
        asked = questions[device]
        content[_about(_QUESTIONS, device)] = packed({_COUNTS: asked.counts})
        content[_about(_MIXTURE, device)] = packed(asked.mixture.arrays())
        content[_about(_DAY, device)] = MetricRecord({"night": asked.night})
    return content


def questions_of(request: Message, device: int) -> Questions:
    """What one of the node's devices shall ask its user.

    Raises:
        MessageError: If the request holds no such questions.
    """
    content = request.content
    names = [_about(name, device) for name in (_QUESTIONS, _MIXTURE, _DAY)]
    if not all(name in content for name in names):
        raise MessageError(f"request: expected questions to the user of device {device}")
    counts, arrays = (
        {name: array.numpy() for name, array in content.array_records[record].items()}
        for record in names[:2]
    )
    day = content.metric_records[names[2]]
    expect("request, day", day, {"night": int})
    mixture = PLAIN.decode(Mixture, arrays)
    return Questions(night=cast(int, day["night"]), mixture=mixture, counts=counts[_COUNTS])


def answers_reply(device: int, night: int, answers: Answers) -> RecordDict:
    """What a device's user said.

    Args:
        night: Of the request.
    """
    return RecordDict({DEVICE: sender(device, night), _ANSWERS: packed({_COUNTS: answers.counts})})


def answers_of(
    content: RecordDict, *, device: int, night: int, questions: Mapping[int, Questions]
) -> Answers:
    """What a device's user said.

    Args:
        device, night: Who was asked, and when.
        questions: By device, what each was asked.

    Raises:
        MessageError: If the content is anything else, of another device or another night.
    """
    with refusals_of(device):
        expect("answers", content, {DEVICE: ConfigRecord, _ANSWERS: ArrayRecord})
        check_sender(content, device, night)
        most = N_SCENES * questions[device].n_bytes
        arrays = unpacked("answers", content.array_records[_ANSWERS], most_bytes=most)
        if arrays.keys() != {_COUNTS}:
            raise MessageError("answers: expected counts and nothing else")
        answers = Answers(arrays[_COUNTS])
        answers.check(questions[device])
        return answers


def _about(name: str, device: int) -> str:
    """Name of a record of a request that is about a device."""
    return f"{name} {device}"
