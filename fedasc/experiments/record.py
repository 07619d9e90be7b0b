"""What a night leaves of a device."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from sys import intern
from typing import Any, TypeVar

import numpy as np

from fedasc.corpus.names import SEPARATOR
from fedasc.evaluation.calibration import NO_WINDOWS, Reliability
from fedasc.evaluation.scores import CLASSIFIERS, Confusion
from fedasc.night import Night
from fedasc.population.users import User
from fedasc.scenario import Scenario
from fedasc.scenes import Scene
from fedasc.strategies.round_result import Tally


@dataclass(frozen=True, eq=False, kw_only=True)
class DeviceRecord:
    """A device on a night.

    Args:
        night: Its number.
        device: Its number.
        profile: Of its user.
        surroundings: What its user hears and through what, by column of a table.
        took_part: In time, late, missing or lost.
        n_windows: That the summary was made of; 0 if none was sent.
        bytes_up, bytes_down: Of the summary and what the user answered, and of the classifier that
            came back.
        tally: Of the artificial samples that the classifier was trained on, if there were any.
        scores: By classifier (`fedasc.evaluation.scores.CLASSIFIERS`), on its evaluation windows;
            none if it was lost.
        reliability: How often the teacher was right on them, by how certain it was.
        facts: What probes told, by column.
        lost: Why the night went on without it; empty if it didn't.
        attack: What it did to harm the others; nothing of most.
        n_answers: Moments of which its user said the scene.
        expected_gain: In accuracy over the comprehensive classifier, if the strategy reckoned it.
        pays: Whether a classifier of its own was expected to pay; else it got one for everybody.
    """

    night: int
    device: int
    profile: str
    surroundings: Mapping[str, Any]
    took_part: str
    n_windows: int
    bytes_up: int
    bytes_down: int
    tally: Tally | None
    scores: Mapping[str, Confusion]
    reliability: Reliability
    facts: Mapping[str, Any]
    lost: str = ""
    attack: str = ""
    n_answers: int = 0
    expected_gain: float | None = None
    pays: bool = True

    @property
    def accuracy(self) -> Mapping[str, float]:
        """By classifier."""
        return {name: score.accuracy for name, score in self.scores.items()}

    @property
    def noise(self) -> Mapping[str, float]:
        """Share of noise windows that were right, by classifier."""
        return {name: score.recall(Scene.NOISE) for name, score in self.scores.items()}

    @property
    def gain(self) -> float:
        """In accuracy, of the user's classifier over the one that was shipped."""
        return self.accuracy["personal"] - self.accuracy["baseline"]

    @property
    def distance(self) -> float:
        """Of what its user hears from the baseline set."""
        return float(self.surroundings["distance"])

    def as_json(self) -> dict[str, Any]:
        """In words of JSON, from which `of_json` makes the same record to the last bit.

        It has none for NaN, for which null stands.
        """
        return {
            **vars(self),
            "facts": {
                name: None if value != value else value for name, value in self.facts.items()
            },
            "tally": self.tally and vars(self.tally),
            "scores": {name: score.counts.tolist() for name, score in self.scores.items()},
            "reliability": {
                field.name: getattr(self.reliability, field.name).tolist()
                for field in fields(self.reliability)
            },
        }

    @classmethod
    def of_json(cls, content: Mapping[str, Any]) -> "DeviceRecord":
        """What `as_json` wrote."""
        tally, bins = content["tally"], content["reliability"]
        return cls(
            **{
                **content,
                "facts": {
                    name: float("nan") if value is None else value
                    for name, value in content["facts"].items()
                },
                "tally": tally and Tally(**{**tally, "kept": tuple(tally["kept"])}),
                "scores": {name: Confusion(np.array(c)) for name, c in content["scores"].items()},
                "reliability": Reliability(**{name: np.array(row) for name, row in bins.items()}),
            }
        )


@dataclass(frozen=True, eq=False, kw_only=True, slots=True)
class Brief:
    """Of a record what tables and figures of all devices need: a tenth of it.

    Args:
        classifiers: Whose accuracies follow.
        accuracies, noises: See `DeviceRecord.accuracy` and `noise`.
        others: See `DeviceRecord`.
    """

    night: int
    device: int
    profile: str
    took_part: str
    lost: str
    attack: str
    bytes_up: int
    bytes_down: int
    n_answers: int
    expected_gain: float | None
    pays: bool
    distance: float
    classifiers: tuple[str, ...]
    accuracies: tuple[float, ...]
    noises: tuple[float, ...]

    @classmethod
    def of(cls, record: DeviceRecord) -> "Brief":
        """What there is to say of a record."""
        accuracy, noise = record.accuracy, record.noise
        return cls(
            night=record.night,
            device=record.device,
            profile=intern(record.profile),
            took_part=intern(record.took_part),
            lost=record.lost,
            attack=intern(record.attack),
            bytes_up=record.bytes_up,
            bytes_down=record.bytes_down,
            n_answers=record.n_answers,
            expected_gain=record.expected_gain,
            pays=record.pays,
            distance=record.distance,
            classifiers=CLASSIFIERS if (*accuracy,) == CLASSIFIERS else (*accuracy,),
            accuracies=(*accuracy.values(),),
            noises=(*noise.values(),),
        )

    @property
    def accuracy(self) -> Mapping[str, float]:
        """By classifier."""
        return dict(zip(self.classifiers, self.accuracies, strict=True))

    @property
    def noise(self) -> Mapping[str, float]:
        """By classifier."""
        return dict(zip(self.classifiers, self.noises, strict=True))

    @property
    def gain(self) -> float:
        """In accuracy, of the user's classifier over the one that was shipped."""
        return self.accuracy["personal"] - self.accuracy["baseline"]


AnyRecord = DeviceRecord | Brief
R = TypeVar("R", DeviceRecord, Brief)


def honest(records: Iterable[R]) -> list[R]:
    """Those of devices that harm nobody; results are told of them alone."""
    return [record for record in records if not record.attack]


def records_of(scenario: Scenario, night: Night) -> tuple[DeviceRecord, ...]:
    """Every device whose user was there, in order.

    Args:
        scenario: Who the users are.
        night: What the night brought.
    """
    return tuple(_record(scenario, night, device) for device in night.attendance.members)


def judged(records: Iterable[R]) -> tuple[R, ...]:
    """Those of devices that weren't lost."""
    return tuple(record for record in records if not record.lost)


def by_profile(records: Sequence[R]) -> dict[str, list[R]]:
    """Those of devices that were neither lost nor attacked, by profile as they appear among all."""
    parts: dict[str, list[R]] = {record.profile: [] for record in records}
    for record in judged(honest(records)):
        parts[record.profile].append(record)
    return {profile: some for profile, some in parts.items() if some}


def lost_of(nights: Sequence[Sequence[DeviceRecord]]) -> tuple[DeviceRecord, ...]:
    """Those of devices that were lost, night by night."""
    return tuple(record for records in nights for record in records if record.lost)


def _record(scenario: Scenario, night: Night, device: int) -> DeviceRecord:
    user, diagnosis = scenario.user(device, night.number), night.diagnoses.get(device)
    lost = str(night.lost.get(device, ""))  # without its trace
    summary, personal = night.summaries.get(device), night.personal.get(device)
    answers = night.answers.get(device)
    return DeviceRecord(
        night=night.number,
        device=device,
        profile=user.profile,
        surroundings=_surroundings(user),
        took_part="lost" if lost else night.attendance.word(device),
        n_windows=summary.n_windows if summary else 0,
        bytes_up=sum(sent.n_bytes for sent in (summary, answers) if sent),
        bytes_down=personal.classifier.n_bytes if personal else 0,
        tally=personal.tally if personal else None,
        scores={**night.scores[device], "teacher": diagnosis.teacher} if diagnosis else {},
        reliability=diagnosis.reliability if diagnosis else NO_WINDOWS,
        facts=diagnosis.facts if diagnosis else {},
        lost=lost,
        attack=scenario.attack.name if device in scenario.attackers else "",
        n_answers=answers.n_answers if answers else 0,
        expected_gain=personal.expected_gain if personal else None,
        pays=personal.pays if personal else True,
    )


def _surroundings(user: User) -> dict[str, Any]:
    return {
        "noise_types": SEPARATOR.join(user.surroundings.noise_types or ()),
        "genres": SEPARATOR.join(user.surroundings.genres or ()),
        "gain_db": round(user.microphone.gain_db, 3),
        "tilt_db": round(user.microphone.tilt_db, 3),
        "distance": round(user.distance, 4),
        **_device(user),
        **(_sources(user) if user.divides else {}),
    }


def _device(user: User) -> dict[str, Any]:
    """Of her microphone what is there."""
    microphone = user.microphone
    noise_db_spl = microphone.self_noise_db_spl
    told = {
        "microphone": user.surroundings.microphone,
        "response": microphone.response.name if microphone.response else "",
        "self_noise_db_spl": None if noise_db_spl is None else round(noise_db_spl, 3),
        "clipping_db_spl": microphone.clipping_db_spl,
    }
    return {name: value for name, value in told.items() if value not in ("", None)}


def _sources(user: User) -> dict[str, Any]:
    counts = {f"n_{label}_sources": n for label, n in user.n_sources.items()}
    return {"familiarity": user.familiarity, **counts}
