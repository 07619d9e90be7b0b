"""A mixture of which every component belongs to a scene."""

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from fedasc.aggregators.content import Arrays, Claims, Components
from fedasc.aggregators.mixture import Mixture
from fedasc.errors import MessageError
from fedasc.scenes import N_SCENES
from fedasc.values import lock_arrays


@dataclass(frozen=True, eq=False)
class SceneMixture(Components):
    """What was heard, by the scene that a device took it for.

    Args:
        mixture: All scenes' components together, whose weights add to 1.
        scene: (n_components,) of each component.

    Raises:
        MessageError: If there is no scene of every component.
    """

    kind: ClassVar[str] = "scene mixtures"

    mixture: Mixture
    scene: NDArray[np.int8]

    def __post_init__(self) -> None:
        if self.scene.shape != self.mixture.weights.shape or self.scene.dtype != np.int8:
            raise MessageError(
                f"scene mixture: expected {self.mixture.n_components} scenes in int8, got "
                f"{self.scene.shape} in {self.scene.dtype}"
            )
        if ((self.scene < 0) | (self.scene >= N_SCENES)).any():
            raise MessageError(f"scene mixture: expected scenes of 0 to {N_SCENES - 1}")
        lock_arrays(self)

    @property
    def n_components(self) -> int:
        return self.mixture.n_components

    def of_components(self, some: NDArray[np.bool_]) -> Self:
        return type(self)(self.mixture.of_components(some), self.scene[some])

    def arrays(self) -> Arrays:
        """Those of the mixture, and the scenes."""
        return {**self.mixture.arrays(), "scene": self.scene}

    @classmethod
    def of_arrays(cls, arrays: Arrays) -> Self:
        return cls(Mixture.of_arrays(arrays), arrays["scene"])

    def parameters(self) -> Arrays:
        """Those of the mixture, and the scenes."""
        return {**self.mixture.parameters(), "scene": self.scene}

    @classmethod
    def of_parameters(cls, parameters: Arrays) -> Self:
        return cls(Mixture.of_parameters(parameters), parameters["scene"])

    def claims(self) -> Claims:
        """Those of the mixture."""
        return self.mixture.claims()

    def shares(self) -> NDArray[np.float32]:
        """(4,) each scene's part of the weight."""
        shares = np.bincount(self.scene, self.mixture.weights, minlength=N_SCENES)
        return shares.astype(np.float32)

    def of_scene(self, scene: int) -> Mixture | None:
        """The mixture of one scene, None if none of it was heard."""
        of_it = self.scene == scene
        return self.mixture.of_components(of_it) if of_it.any() else None
