"""All settings of a run, valid once built."""

from dataclasses import dataclass, field

from fedasc.aggregators.gmm import GmmAggregator
from fedasc.audio.bank import FilterBank
from fedasc.corpus.training import TrainingSetSettings
from fedasc.corpus.users import UserSettings
from fedasc.errors import SettingsError
from fedasc.models.ensemble import EnsembleSettings
from fedasc.models.mobilenet import MobileNetSettings
from fedasc.models.teacher import TeacherSettings
from fedasc.models.training import EmbeddedSettings
from fedasc.scenario import ListeningSettings
from fedasc.strategies.personalised import PersonalisedStrategy

TEACHERS = ("ensemble", "mobilenet")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One run. Each section is documented where it is defined.

    Args:
        seed: Root of all random streams.
        n_clients: Users, each with one device.
        nested: Whether all live in the server's part of the corpus, split once more: to choose
            settings without a look at the recordings of the users that results are reported on.
        teacher: Which of the teachers labels: ensemble or mobilenet (C2 of the paper).

    Raises:
        SettingsError: If a value can't be used.
    """

    seed: int = 1
    n_clients: int = 50
    nested: bool = False
    teacher: str = "ensemble"
    bank: FilterBank = field(default_factory=FilterBank)
    listening: ListeningSettings = field(default_factory=ListeningSettings)
    users: UserSettings = field(default_factory=UserSettings)
    training_sets: TrainingSetSettings = field(default_factory=TrainingSetSettings)
    embedded: EmbeddedSettings = field(default_factory=EmbeddedSettings)
    ensemble: EnsembleSettings = field(default_factory=EnsembleSettings)
    mobilenet: MobileNetSettings = field(default_factory=MobileNetSettings)
    gmm: GmmAggregator = field(default_factory=GmmAggregator)
    personalised: PersonalisedStrategy = field(default_factory=PersonalisedStrategy)

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
        if self.teacher not in TEACHERS:
            raise SettingsError(
                f"teacher must be one of {', '.join(TEACHERS)}, got {self.teacher!r}"
            )

    def teacher_settings(self) -> TeacherSettings:
        """The section of the teacher that was chosen."""
        return self.ensemble if self.teacher == "ensemble" else self.mobilenet
