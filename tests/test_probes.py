from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from fedasc.aggregators.mixture import Mixture
from fedasc.aggregators.sum_share import SumShare
from fedasc.aggregators.summary import Summary
from fedasc.audio import FloatArray
from fedasc.errors import SettingsError
from fedasc.models.teacher import Teacher
from fedasc.night import Night, run_night
from fedasc.probes.certainty import CertaintyProbe
from fedasc.probes.diagnosis import check_probes
from fedasc.probes.probe import Probe
from fedasc.probes.samples import SamplesProbe
from fedasc.probes.sight import Sight
from fedasc.probes.two_samples import TwoSamplesProbe
from fedasc.probes.yardsticks import YardsticksProbe
from fedasc.seeds import Purpose
from fedasc.settings import DEFAULT_PROBES, settings_of
from fedasc.simulated import hear
from fedasc.strategies.none import NoStrategy
from fedasc.strategies.personalised import PersonalisedStrategy
from fedasc.strategies.task import Task
from fedasc.world import World
from tests.worlds import AGGREGATOR, N_USERS, RELEASE, tiny_world

STRATEGY = PersonalisedStrategy(certainty=0.5, n_epochs=2)

SHARE = Summary.of(SumShare(np.zeros((3, 5), np.int64), np.ones(3, np.int64)), 60)
"""Of which alone nobody can draw samples."""


@pytest.fixture(scope="module")
def world() -> World:
    return tiny_world()


def night_of(world: World, *probes: Probe) -> Night:
    night, _ = run_night(
        world.scenario,
        world.server,
        aggregator=AGGREGATOR,
        release=RELEASE,
        strategy=STRATEGY,
        probes=probes,
    )
    return night


def sight_of(world: World, device: int, **others: Any) -> Sight:
    scenario, night = world.scenario, night_of(world)
    sight = Sight(
        device=device,
        night=0,
        heard=hear(scenario, device, Purpose.HEARD),
        evaluation=hear(scenario, device, Purpose.EVALUATION),
        summary=night.summaries[device],
        personal=night.personal[device],
        server=world.server,
        strategy=STRATEGY,
        draws=scenario.streams.sequence(Purpose.DIAGNOSIS, 0, device),
    )
    return replace(sight, **others)


def test_every_device_has_what_each_probe_tells(world: World) -> None:
    night = night_of(world, *DEFAULT_PROBES, TwoSamplesProbe())
    assert list(night.diagnoses) == list(range(N_USERS))
    for device, diagnosis in night.diagnoses.items():
        told: dict[str, Any] = {}
        for probe in (*DEFAULT_PROBES, TwoSamplesProbe()):
            facts = probe.look(sight_of(world, device))
            assert tuple(facts) == probe.columns
            told |= facts
        assert diagnosis.facts == told


def test_nobody_finds_out_why_unless_asked(world: World) -> None:
    asked, unasked = night_of(world, *DEFAULT_PROBES), night_of(world)
    for device, diagnosis in unasked.diagnoses.items():
        assert not diagnosis.facts
        expected = asked.diagnoses[device].teacher.counts
        np.testing.assert_array_equal(diagnosis.teacher.counts, expected)


def test_facts_agree_with_what_was_heard_and_kept(world: World) -> None:
    sight, server = sight_of(world, 1), world.server
    assert sight.summary
    assert sight.personal
    assert sight.personal.tally
    facts = SamplesProbe().look(sight)
    (artificial,) = STRATEGY.labelled(
        server,
        [Task((1,), sight.summary.content)],
        sight.personal.tally.n_wanted,
        rngs=[world.scenario.streams.generator(Purpose.SAMPLING, 0, 1)],
    )
    kept, n_drawn = artificial.samples, artificial.n_drawn
    names = ("noise", "music", "speech", "speech_in_noise")
    counts = np.bincount(kept.scene, minlength=4)
    assert [facts[f"kept_{name}"] for name in names] == counts.tolist()
    assert facts["share_kept"] == pytest.approx(len(kept) / n_drawn)
    heard = np.bincount(sight.heard.scene, minlength=4)
    shift = np.abs(counts / counts.sum() - heard / heard.sum()).sum() / 2
    assert facts["label_shift"] == pytest.approx(shift)


def test_the_teacher_must_be_as_certain_as_the_strategy_wants(world: World) -> None:
    sight = sight_of(world, 1)
    probabilities = world.server.teacher.probabilities(sight.heard.x)
    share = np.mean(probabilities.max(axis=1) >= 0.5)
    assert CertaintyProbe().look(sight)["certain_share"] == pytest.approx(share)
    undemanding = replace(sight, strategy=NoStrategy())
    assert CertaintyProbe().look(undemanding)["certain_share"] == 1


def test_samples_far_from_what_was_heard_are_told_apart(world: World) -> None:
    near = sight_of(world, 0)
    assert near.summary
    mixture = near.summary.content
    assert isinstance(mixture, Mixture)
    elsewhere = Summary.of(replace(mixture, means=mixture.means + 30), near.summary.n_windows)
    far = replace(near, summary=elsewhere)
    aucs = [TwoSamplesProbe().look(sight)["two_sample_auc"] for sight in (near, far)]
    assert aucs[1] > 0.95 > aucs[0]


@pytest.mark.parametrize(
    "others",
    [{"summary": None}, {"personal": None}, {"strategy": NoStrategy()}, {"summary": SHARE}],
)
def test_where_no_samples_were_drawn_nothing_is_told_of_them(
    world: World, others: Mapping[str, Any]
) -> None:
    sight = sight_of(world, 0, **others)
    assert SamplesProbe().look(sight) == {}
    assert TwoSamplesProbe().look(sight) == {}
    assert YardsticksProbe().look(sight).keys() == {"energy_halves", "energy_evaluation"}


@dataclass(frozen=True, kw_only=True)
class Talkative(Probe):
    """Tells more than it says."""

    columns = ("one",)

    def look(self, sight: Sight) -> Mapping[str, Any]:
        return {"one": 1, "two": sight.rng().random()}


def test_what_a_probe_did_not_declare_is_refused(world: World) -> None:
    with pytest.raises(SettingsError, match=r"probe .*Talkative.* tells two, which"):
        night_of(world, Talkative())


@dataclass(frozen=True, kw_only=True)
class Odd(Probe):
    """Tells something."""

    what: Any = None

    columns = ("one",)

    def look(self, sight: Sight) -> Mapping[str, Any]:
        return {"one": self.what}


def test_probes_tell_numbers_and_texts(world: World) -> None:
    for what, told in ((np.float32(0.5), 0.5), (np.int64(3), 3), (np.True_, True), ("so", "so")):
        facts = night_of(world, Odd(what=what)).diagnoses[0].facts
        assert facts == {"one": told}
        assert type(facts["one"]) is type(told)
    with pytest.raises(SettingsError, match=r"tells array.* of one; expected a text or a number"):
        night_of(world, Odd(what=np.ones(2)))


def test_two_probes_do_not_tell_of_the_same_column() -> None:
    with pytest.raises(SettingsError, match="both tell of 'energy_halves'"):
        check_probes([CertaintyProbe(), YardsticksProbe(), YardsticksProbe()])


def test_a_settings_file_names_probes() -> None:
    values = {"probes": ["certainty", {"name": "two-samples"}]}
    assert settings_of(values, where="x").probes == (CertaintyProbe(), TwoSamplesProbe())
    assert settings_of({"probes": []}, where="x").probes == ()
    assert settings_of({}, where="x").probes == DEFAULT_PROBES
    with pytest.raises(SettingsError, match="no probe 'certain'; did you mean 'certainty'"):
        settings_of({"probes": ["certain"]}, where="x")


@dataclass
class Asked:
    """A teacher that counts the windows that it is asked about, and may mean the opposite."""

    teacher: Teacher
    is_contrary: bool = False
    n_asked: int = 0

    def probabilities(self, x: NDArray[np.float32]) -> FloatArray:
        self.n_asked += len(x)
        said = self.teacher.probabilities(x)
        return said[:, ::-1] if self.is_contrary else said

    def on(self, device: str) -> "Asked":
        return self

    def save(self, path: Path) -> None:
        raise NotImplementedError


def test_the_teacher_is_asked_once_about_windows_and_another_one_again(world: World) -> None:
    teacher = world.server.teacher
    n_windows = world.scenario.listening.n_heard + world.scenario.listening.n_evaluation

    def looks(asked: Asked) -> Night:
        return night_of(
            replace(world, server=replace(world.server, teacher=asked)), CertaintyProbe()
        )

    first, again, other = Asked(teacher), Asked(teacher), Asked(teacher, is_contrary=True)
    nights = [looks(asked) for asked in (first, again, other)]
    n_for_classifiers = again.n_asked
    assert first.n_asked == other.n_asked == n_for_classifiers + N_USERS * n_windows
    for device in range(N_USERS):
        one, same, contrary = (night.diagnoses[device] for night in nights)
        assert same.facts == one.facts != contrary.facts
        np.testing.assert_array_equal(same.teacher.counts, one.teacher.counts)
        np.testing.assert_array_equal(same.reliability.confidence, one.reliability.confidence)
        np.testing.assert_array_equal(contrary.teacher.counts, one.teacher.counts[:, ::-1])
