"""All settings of a run, valid once built."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fedasc.aggregators.aggregator import Aggregator
from fedasc.aggregators.gmm import GmmAggregator
from fedasc.attacks.attack import Attack
from fedasc.attacks.forgery import check_attack
from fedasc.audio.bank import FilterBank
from fedasc.config import check_choices, from_mapping, merged
from fedasc.corpus.training import TrainingSetSettings
from fedasc.errors import SettingsError
from fedasc.models.calibration import Calibration
from fedasc.models.committee import CommitteeSettings
from fedasc.models.student_settings import StudentSettings
from fedasc.models.teacher import TeacherSettings
from fedasc.models.training import EmbeddedSettings
from fedasc.population.attendance import NightsSettings
from fedasc.population.profile import Profiles
from fedasc.population.users import UserSettings
from fedasc.privacy.accountant import check_nights
from fedasc.probes.certainty import CertaintyProbe
from fedasc.probes.diagnosis import check_probes
from fedasc.probes.probe import Probe
from fedasc.probes.samples import SamplesProbe
from fedasc.probes.yardsticks import YardsticksProbe
from fedasc.questions.user import AnswersSettings
from fedasc.release.release import Release
from fedasc.scenario import ListeningSettings
from fedasc.strategies.personalised import PersonalisedStrategy
from fedasc.strategies.strategy import Strategy, check_pair

DEFAULT_PROBES: tuple[Probe, ...] = (CertaintyProbe(), YardsticksProbe(), SamplesProbe())
"""Why a night helped or not."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One run. Each section is documented where it is defined.

    Args:
        seed: Root of all random streams.
        n_clients: Users, each with one device.
        nested: Whether all live in the server's part of the corpus, split once more: to choose
            settings without a look at the recordings of the users that results are reported on.
        calibration: How the teacher's certainty is corrected on the comprehensive validation set:
            none, temperature or isotonic. A committee needs none on real recordings: the mean of
            teachers that are each too certain is about as certain as it should be.
        teacher: What labels: ensemble, deep_sets, a committee of these two or of others, or
            mobilenet (C2 of the paper); in a file by `name`, beside its settings.
        student: What is distilled of it, to label what devices tell of in its place.
        aggregator: How devices summarise, likewise.
        release: What of that may leave them, and in how many bits.
        strategy: How the server makes classifiers of summaries, likewise.
        probes: What to find out of every device after each night, likewise; a list.
        attack: What some devices do to harm the others.
        answers: How users answer a strategy that asks them.

    Examples:
        >>> settings = Settings(n_clients=8, nights=NightsSettings(n_nights=3))
        >>> settings.nights.n_nights, settings.aggregator.name
        (3, 'gmm')

        A file or a mapping says the same by section:

        >>> settings_of({"n_clients": 8, "strategy": "clustered"}, where="here").strategy.name
        'clustered'
        >>> settings_of({"n_client": 8}, where="here")
        Traceback (most recent call last):
        fedasc.errors.SettingsError: here: unknown setting 'n_client'; did you mean 'n_clients'?

    Raises:
        SettingsError: If a value can't be used.
    """

    seed: int = 1
    n_clients: int = 50
    nested: bool = False
    calibration: Calibration = "none"
    bank: FilterBank = field(default_factory=FilterBank)
    listening: ListeningSettings = field(default_factory=ListeningSettings)
    users: UserSettings = field(default_factory=UserSettings)
    training_sets: TrainingSetSettings = field(default_factory=TrainingSetSettings)
    embedded: EmbeddedSettings = field(default_factory=EmbeddedSettings)
    nights: NightsSettings = field(default_factory=NightsSettings)
    teacher: TeacherSettings = field(default_factory=CommitteeSettings)
    student: StudentSettings = field(default_factory=StudentSettings)
    aggregator: Aggregator = field(default_factory=GmmAggregator)
    release: Release = field(default_factory=Release)
    strategy: Strategy = field(default_factory=PersonalisedStrategy)
    probes: tuple[Probe, ...] = DEFAULT_PROBES
    attack: Attack = field(default_factory=Attack)
    answers: AnswersSettings = field(default_factory=AnswersSettings)

    def __post_init__(self) -> None:
        if self.seed < 0:
            raise SettingsError(f"seed must not be negative, got {self.seed}")
        if self.n_clients < 1:
            raise SettingsError(
                f"clients must be at least 1, got {self.n_clients}; a simulation needs users"
            )
        heard = (self.bank.sample_rate_hz, self.bank.vector_s, self.bank.n_features)
        if heard != (16_000, 2.0, 9):
            raise SettingsError(
                "bank: C1 takes five vectors of 9 features from 10 s at 16,000 Hz, so "
                "sample_rate_hz must be 16000, vector_s 2, and the bands 9 in all"
            )
        check_choices(self, section="")
        check_pair(self.aggregator, self.strategy)
        self.release.check(self.aggregator)
        check_nights(self.aggregator, self.nights.n_nights)
        check_attack(self.attack, self.aggregator.kind)
        check_probes(self.probes)


def settings_of(
    values: Mapping[str, Any], *, where: str, profiles: Profiles | None = None
) -> Settings:
    """The settings that a file describes; without an aggregator, with the strategy's usual one.

    Args:
        values: What was read, for example from a TOML file.
        where: Name of the file for messages.
        profiles: Whose users' settings hold where the file says nothing.

    Raises:
        SettingsError: If they can't be used.
    """
    given = dict(values)
    if profiles and profiles.user_settings:
        section = profiles.user_settings
        from_mapping(UserSettings, section, where=f"{profiles.where}, [settings.users]")
        given = merged({"users": section}, given)
    strategy = Strategy.from_section(given.get("strategy", {}), where=f"{where}.strategy")
    if given.get("aggregator", {}) == {}:
        given["aggregator"] = strategy.default_aggregator
    return from_mapping(Settings, {**given, "strategy": strategy}, where=where)
