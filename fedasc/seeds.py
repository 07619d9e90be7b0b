"""Named random streams: one root seed, and an independent stream for each use.

A stream is addressed by what it is for, so that neither the order of calls, nor the number of
workers, nor the order in which replies arrive can change a single draw.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from fedasc.errors import SettingsError


class Purpose(IntEnum):
    """What a stream is drawn for. Numbers are part of the results: never reuse or reorder."""

    SYNTHESIS = 0
    SPLIT = 1
    USERS = 2
    TRAINING_SET = 3
    HEARD = 4
    EVALUATION = 5
    SUMMARY = 6
    SAMPLING = 7
    EMBEDDED_TRAINING = 8
    TEACHER_TRAINING = 9
    DATA_SETS = 10
    DRIFT = 11
    DIAGNOSIS = 12
    BANK_SEARCH = 13
    EVERYTHING = 14
    ATTENDANCE = 15
    DEVICE_TRAINING = 16
    LABELS = 17
    SKETCH = 18
    ATTACKERS = 19
    ATTACK = 20
    QUESTIONS = 21
    ANSWERS = 22
    SOURCES = 23
    SIGN_FLIPS = 24
    PRIVACY = 25
    RELEASE = 26
    SELF_NOISE = 27
    STUDENT = 28


@dataclass(frozen=True)
class Streams:
    """All random streams of one run.

    Args:
        seed: Root of every stream, not negative.
    """

    seed: int

    def __post_init__(self) -> None:
        if self.seed < 0:
            raise SettingsError(f"seed must not be negative, got {self.seed}")

    def sequence(self, purpose: Purpose, *address: int) -> np.random.SeedSequence:
        """The seed sequence of one use.

        Args:
            purpose: What the draws are for.
            address: Further coordinates, for example night and device.
        """
        return np.random.SeedSequence(self.seed, spawn_key=(int(purpose), *address))

    def generator(self, purpose: Purpose, *address: int) -> np.random.Generator:
        """A fresh generator at the start of its stream (see `sequence`)."""
        return np.random.default_rng(self.sequence(purpose, *address))

    def integer(self, purpose: Purpose, *address: int) -> int:
        """A 31-bit seed for libraries that take nothing but an integer (see `sequence`)."""
        return int(self.sequence(purpose, *address).generate_state(1)[0] >> 1)
