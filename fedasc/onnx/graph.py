"""Graphs of ONNX, put together operator by operator."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fedasc.errors import SettingsError

try:
    import onnx
    from onnx import TensorProto, helper, numpy_helper
except ImportError as error:
    raise SettingsError(f"ONNX needs its package ({error}); pip install 'fedasc[onnx]'") from error

OPSETS: Mapping[str, int] = {"": 18, "ai.onnx.ml": 3}
_IR_VERSION = 8
_ML = "ai.onnx.ml"
_PROBABILITIES, _SCENE = "probabilities", "scene"


def tensor(array: NDArray[Any]) -> Any:
    """An array as an attribute of an operator."""
    return numpy_helper.from_array(array)


class Graph:
    """What is put together so far. Values are known by their names, and samples come first.

    Args:
        n_inputs: Numbers of each sample of the only input, `x`, which is float32.
    """

    def __init__(self, n_inputs: int) -> None:
        self.x = "x"
        self._n_inputs = n_inputs
        self._nodes: list[Any] = []
        self._constants: list[Any] = []

    def constant(self, array: NDArray[Any]) -> str:
        """An array, whose dtype is kept."""
        name = f"c{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.asarray(array, order="C"), name))
        return name

    def add(self, operator: str, *inputs: str, n_outputs: int = 1, **attributes: Any) -> str:
        """Apply an operator, and return its first output."""
        name = f"v{len(self._nodes)}"
        outputs = [name, *(f"{name}_{number}" for number in range(1, n_outputs))]
        domain = _ML if operator.startswith("Tree") else ""
        self._nodes.append(helper.make_node(operator, inputs, outputs, domain=domain, **attributes))
        return name

    def shaped(self, value: str, *shape: int) -> str:
        """The same numbers in another shape; -1 is what is left."""
        return self.add("Reshape", value, self.constant(np.array(shape, np.int64)))

    def over(self, operator: str, value: str, axis: int, *, keep: bool = True) -> str:
        """Reduce an axis by ReduceMean, ReduceMax and their like."""
        return self.add(operator, value, self.constant(np.array([axis], np.int64)), keepdims=keep)

    def cast(self, value: str, dtype: type[np.generic]) -> str:
        """The same numbers in another precision."""
        return self.add("Cast", value, to=helper.np_dtype_to_tensor_dtype(np.dtype(dtype)))

    def mean_of(self, values: Sequence[str], dtype: type[np.generic]) -> str:
        """The mean of values of the same shape."""
        total = values[0]
        for value in values[1:]:
            total = self.add("Add", total, value)
        return self.add("Div", total, self.constant(np.array(len(values), dtype)))

    def ranked(self, value: str) -> str:
        """(n, 5, 9) with the five values of each feature in rising order."""
        five = self.constant(np.array([5], np.int64))
        return self.add("TopK", value, five, n_outputs=2, axis=1, largest=0, sorted=1)

    def model(self, probabilities: str, facts: Mapping[str, str]) -> bytes:
        """The model, with the outputs `probabilities` and `scene`, as the bytes of a file.

        Args:
            probabilities: (n, 4) value.
            facts: For whoever reads the file's metadata.
        """
        self.cast(probabilities, np.float32)
        self._nodes[-1].output[0] = _PROBABILITIES
        self.add("ArgMax", probabilities, axis=1, keepdims=0)
        self._nodes[-1].output[0] = _SCENE
        graph = helper.make_graph(
            self._nodes,
            "classifier",
            [helper.make_tensor_value_info(self.x, TensorProto.FLOAT, ["n", self._n_inputs])],
            [
                helper.make_tensor_value_info(_PROBABILITIES, TensorProto.FLOAT, ["n", 4]),
                helper.make_tensor_value_info(_SCENE, TensorProto.INT64, ["n"]),
            ],
            self._constants,
        )
        opsets = [helper.make_opsetid(domain, version) for domain, version in OPSETS.items()]
        model: Any = helper.make_model(
            graph, opset_imports=opsets, ir_version=_IR_VERSION, producer_name="fedasc"
        )
        helper.set_model_props(model, dict(facts))
        onnx.checker.check_model(model, full_check=True)
        content: bytes = model.SerializeToString()
        return content
