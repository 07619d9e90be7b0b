"""The user who is asked: how often she answers, and how well. Never imports torch."""

from dataclasses import dataclass

import numpy as np

from fedasc.config import check_finite
from fedasc.errors import SettingsError
from fedasc.scenes import N_SCENES, Scene
from fedasc.seeds import Purpose, Streams


@dataclass(frozen=True, kw_only=True)
class AnswersSettings:
    """How users answer when their hearing aids ask what a moment was.

    Args:
        replied: Share of the questions that a user answers at all.
        wrong: Share of her answers that name one of the three other scenes.
        silent: Share of the users who never answer.
        lazy: Share of the users who say speech whatever it was.

    Raises:
        SettingsError: If a value is no share, or silent and lazy users are more than all.
    """

    replied: float = 1.0
    wrong: float = 0.0
    silent: float = 0.0
    lazy: float = 0.0

    def __post_init__(self) -> None:
        check_finite(self, section="answers")
        for name in ("replied", "wrong", "silent", "lazy"):
            if not 0 <= getattr(self, name) <= 1:
                raise SettingsError(
                    f"answers: {name} must lie between 0 and 1, got {getattr(self, name)}"
                )
        if self.silent + self.lazy > 1:
            raise SettingsError(
                f"answers: silent and lazy users must be 1 at most together, got "
                f"{self.silent + self.lazy:g}"
            )

    def user(self, index: int, night: int, *, streams: Streams) -> "AnsweringUser":
        """A user on the day after a night; who is silent or lazy stays so.

        Args:
            index: Her number.
            night: Of the night after which she is asked.
        """
        kind = float(streams.generator(Purpose.ANSWERS, index).random())
        rng = streams.generator(Purpose.ANSWERS, index, night, 1)
        replied = 0.0 if kind < self.silent else self.replied
        lazy = self.silent <= kind < self.silent + self.lazy
        return AnsweringUser(replied=replied, wrong=self.wrong, lazy=lazy, rng=rng)


class AnsweringUser:
    """Answers one question after the other."""

    def __init__(
        self, *, replied: float, wrong: float, lazy: bool, rng: np.random.Generator
    ) -> None:
        self._replied, self._wrong, self._lazy, self._rng = replied, wrong, lazy, rng

    def says(self, scene: int) -> int | None:
        """The scene that she names; None if she doesn't answer.

        Args:
            scene: The true one.
        """
        replies, errs, other = self._rng.random(3)
        if replies >= self._replied:
            return None
        if self._lazy:
            return int(Scene.SPEECH)
        if errs < self._wrong:
            return (scene + 1 + int(other * (N_SCENES - 1))) % N_SCENES
        return scene
