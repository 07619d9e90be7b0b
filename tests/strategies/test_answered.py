from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from fedasc.aggregators.gmm import GmmAggregator
from fedasc.errors import SettingsError
from fedasc.made_up.night import N_DEVICES, STREAMS, SmallNight
from fedasc.made_up.server import small_server
from fedasc.models.samples import Samples
from fedasc.questions.choice import Choice
from fedasc.questions.evidence import Evidence
from fedasc.questions.questions import Questions
from fedasc.server import Server
from fedasc.strategies.answered import AnsweredStrategy
from fedasc.strategies.artificial import Artificial
from fedasc.strategies.drawing import mixture_of
from fedasc.strategies.memory import Memory
from fedasc.strategies.personalised import PersonalisedStrategy
from fedasc.strategies.round_context import RoundContext

STRATEGY = AnsweredStrategy(n_epochs=2)
GMM = GmmAggregator(n_components=6)
TONIGHT = RoundContext(streams=STREAMS, n_devices=N_DEVICES)


@cache
def night(number: int = 0) -> SmallNight:
    return SmallNight.of(GMM, devices=(3, 1), number=number)


def asked(
    strategy: AnsweredStrategy, *, memory: Memory | None = None, number: int = 0
) -> dict[int, Questions]:
    context = replace(TONIGHT, night=number)
    return dict(strategy.questions(small_server(), night(number).summaries, memory, context))


def test_every_user_is_asked_as_often_as_is_set() -> None:
    for n_questions in (1, 10, 30):
        found = asked(replace(STRATEGY, n_questions=n_questions))
        assert {what.n_moments for what in found.values()} == {n_questions}
        assert set(found) == {1, 3}
    assert asked(replace(STRATEGY, n_questions=0)) == {}


def test_nobody_is_asked_about_more_moments_than_she_heard() -> None:
    for device, what in asked(replace(STRATEGY, n_questions=100)).items():
        heard = what.mixture.weights * night().summaries[device].n_windows
        assert (what.counts <= heard).all()


def test_choices_differ_in_what_they_go_by() -> None:
    usual = small_server()
    always = usual.comprehensive.output_biases + np.array([0, 0, 100, 0], np.float32)
    server = replace(usual, comprehensive=replace(usual.comprehensive, output_biases=always))

    def asked_by(choice: Choice, server: Server) -> list[int]:
        strategy = replace(STRATEGY, choice=choice, n_questions=12)
        found = strategy.questions(server, night().summaries, None, TONIGHT)
        counts: list[int] = found[3].counts.tolist()
        return counts

    assert asked_by("doubt", usual) == asked_by("doubt", server) != asked_by("random", server)
    assert asked_by("random", usual) == asked_by("random", server)
    assert asked_by("change", usual) != asked_by("change", server)


def label_shares(strategy: AnsweredStrategy, evidence: tuple[Evidence, ...]) -> list[float]:
    """How often each scene is the label of samples of a device."""
    memory = Memory(evidence={3: evidence}).told(night().summaries, retention=0)
    tasks = strategy.tasks(small_server(), night().summaries, memory, TONIGHT)
    (task,) = (task for task in tasks if task.devices == (3,))
    rngs = [np.random.default_rng(0)]
    (labelled,) = strategy.labelled(small_server(), [task], 400, rngs=rngs)
    shares: list[float] = labelled.samples.targets().mean(axis=0).tolist()
    return shares


def test_labels_follow_what_the_user_says() -> None:
    mixture = mixture_of(night().summaries[3].content)
    always = np.tile([1.0, 0.0, 50.0, 0.0], (mixture.n_components, 1))
    believed = label_shares(STRATEGY, (Evidence(mixture, always),))
    assert believed[2] > 0.85, "but for samples of which the teacher is quite sure"
    doubted = label_shares(replace(STRATEGY, strength=1e6), (Evidence(mixture, always),))
    assert doubted == pytest.approx(label_shares(STRATEGY, ()), abs=1e-3)


def test_without_an_answer_it_is_personalised(monkeypatch: pytest.MonkeyPatch) -> None:
    """If that keeps samples back, too."""
    monkeypatch.setattr(PersonalisedStrategy, "validates", AnsweredStrategy.validates)
    silent = replace(STRATEGY, n_questions=0, margin=-1.0)
    one, other = (
        night().served(strategy).personal[3].classifier.arrays()
        for strategy in (silent, PersonalisedStrategy(n_epochs=2))
    )
    assert all(one[name].tobytes() == other[name].tobytes() for name in one)


def test_true_answers_teach_what_was_heard() -> None:
    day = night().heard[3]
    few, many = (
        night()
        .served(AnsweredStrategy(n_questions=n, n_epochs=30, margin=-1.0))
        .personal[3]
        .classifier
        for n in (0, 60)
    )
    right = [(each.predict(day.x) == day.scene).mean() for each in (few, many)]
    assert right[1] > right[0] + 0.02


def test_of_a_day_that_is_asked_about_the_next_answers_count_then() -> None:
    strategy = replace(STRATEGY, asked="next day")
    assert asked(strategy) == {}
    first = night().served(strategy).memory
    later = asked(strategy, memory=first, number=1)
    assert {what.night for what in later.values()} == {0}
    for device, what in later.items():
        assert what.mixture is night().summaries[device].content
    assert asked(strategy, memory=first, number=2) == {}, "the day before isn't known"


def test_answers_fade_with_the_nights_and_are_forgotten_without_memory() -> None:
    mixture = mixture_of(night().summaries[3].content)
    day = Evidence(mixture, np.ones((mixture.n_components, 4)))
    known = Memory(evidence={3: (day,)})
    later = known.answered({}, retention=0.5).answered({3: day}, retention=0.5)
    assert [said.counts.max() for said in later.evidence[3]] == [0.25, 1]
    assert known.answered({}, retention=0).evidence[3] == ()


def test_who_has_too_little_to_gain_gets_the_comprehensive_classifier() -> None:
    """Reckoned by labels, over the samples that nothing was trained on."""
    server, x = small_server(), night().heard[3].x
    n_training = round(len(x) * len(server.baseline_set.training) / len(server.baseline_set))
    usual, other = 1, 2
    says = server.comprehensive.output_biases + 1000 * np.eye(4, dtype=np.float32)[usual]
    server = replace(server, comprehensive=replace(server.comprehensive, output_biases=says))
    scene = np.full(len(x), usual)
    scene[n_training + 4 :] = other
    n_other, n = len(x) - n_training - 4, len(x) - n_training
    gain = (n_other - 4) / n
    assert 0.1 < gain < 0.9
    always = server.comprehensive.output_biases + 2000 * np.eye(4, dtype=np.float32)[other]
    made = replace(server.comprehensive, output_biases=always)
    artificial = Artificial(Samples(x, scene), len(x), len(x))
    for margin, pays in ((-1.0, True), (gain - 0.01, True), (gain + 0.01, False)):
        given = replace(STRATEGY, margin=margin).personal(server, made, artificial)
        assert given.expected_gain == pytest.approx(gain)
        assert given.pays is pays
        assert given.classifier is (made if pays else server.comprehensive)
    worse = replace(STRATEGY, margin=-1.0).personal(
        replace(server, comprehensive=made), server.comprehensive, artificial
    )
    assert worse.expected_gain == pytest.approx(-gain)
    assert worse.pays, "without a gate"


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"n_questions": 101}, "n_questions must lie between 0 and 100"),
        ({"n_questions": -1}, "n_questions"),
        ({"strength": 0.0}, "strength must be positive"),
        ({"labels": "random"}, "labels must be the teacher's"),
        ({"choice": "all"}, "choice"),
        ({"asked": "never"}, "asked"),
    ],
)
def test_settings_that_cannot_be_used_are_refused(values: dict[str, object], told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        AnsweredStrategy(**values)  # type: ignore[arg-type]
