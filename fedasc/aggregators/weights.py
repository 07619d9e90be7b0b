"""A device's own classifier, as federated averaging has it sent."""

from dataclasses import dataclass, fields
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from fedasc.aggregators.content import Arrays, Claims, Content
from fedasc.errors import MessageError
from fedasc.models.embedded import N_HIDDEN, N_INPUTS, EmbeddedClassifier
from fedasc.models.inputs import Inputs
from fedasc.scenes import N_SCENES
from fedasc.values import lock_arrays

_SHAPES = {
    **dict.fromkeys(("mean", "variance", "scale", "shift"), (N_INPUTS,)),
    "hidden_weights": (N_INPUTS, N_HIDDEN),
    "hidden_biases": (N_HIDDEN,),
    "output_weights": (N_HIDDEN, N_SCENES),
    "output_biases": (N_SCENES,),
}


@dataclass(frozen=True, eq=False)
class Weights(Content):
    """The arrays of an `EmbeddedClassifier`, by the same names; whose inputs are what they were.

    Raises:
        MessageError: If one isn't of its shape, of float32 or finite, or a variance is under zero.
    """

    kind: ClassVar[str] = "weights"

    mean: NDArray[np.float32]
    variance: NDArray[np.float32]
    scale: NDArray[np.float32]
    shift: NDArray[np.float32]
    hidden_weights: NDArray[np.float32]
    hidden_biases: NDArray[np.float32]
    output_weights: NDArray[np.float32]
    output_biases: NDArray[np.float32]

    def __post_init__(self) -> None:
        for field in fields(self):
            array, shape = getattr(self, field.name), _SHAPES[field.name]
            if array.shape != shape or array.dtype != np.float32:
                raise MessageError(
                    f"weights: expected {field.name} {shape} in float32, got {array.shape} in "
                    f"{array.dtype}"
                )
            if not np.isfinite(array).all():
                raise MessageError(f"weights: expected finite numbers in {field.name}")
        if (self.variance < 0).any():
            raise MessageError("weights: expected no variance under zero")
        lock_arrays(self)

    @classmethod
    def of(cls, classifier: EmbeddedClassifier) -> Self:
        return cls(**classifier.arrays())

    def classifier(self, inputs: Inputs) -> EmbeddedClassifier:
        """These numbers, for such inputs."""
        return EmbeddedClassifier(**self.arrays(), inputs=inputs)

    def claims(self) -> Claims:
        """The mean of the inputs that it was trained on, and deviations about it."""
        return Claims(points=self.mean[None], spreads=np.sqrt(self.variance)[None])

    def parameters(self) -> Arrays:
        """The weights themselves, but the root of the variance, which none can spoil."""
        return {**self.arrays(), "variance": np.sqrt(self.variance)}

    @classmethod
    def of_parameters(cls, parameters: Arrays) -> Self:
        with np.errstate(over="ignore"):
            return cls.of_arrays({**parameters, "variance": parameters["variance"] ** 2})
