"""The C library of a device on this machine, as the simulation uses it."""

import ctypes
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fedasc.aggregators.summary import Summary
from fedasc.audio import Stored
from fedasc.device_code.compiler import compiled
from fedasc.device_code.design import DeviceCode
from fedasc.device_code.files import library_files
from fedasc.device_code.parameters import wire
from fedasc.device_code.wire import summary_of_bytes
from fedasc.errors import SettingsError
from fedasc.models.embedded import N_INPUTS, EmbeddedClassifier

_SIZE = """
#include "fedasc_device.h"
#include <stddef.h>
uint32_t fedasc_size(void);
uint32_t fedasc_classifier_place(void);
const float *fedasc_features(const fedasc_state *state);
uint32_t fedasc_size(void) { return sizeof(fedasc_state); }
uint32_t fedasc_classifier_place(void) { return offsetof(fedasc_state, classifier); }
const float *fedasc_features(const fedasc_state *state) { return state->z; }
"""

_Bytes = ctypes.POINTER(ctypes.c_uint8)


class DeviceLibrary:
    """A device's C code, compiled for this machine.

    Args:
        code: What it is made for.
        sources: Texts by file, if not those of `library_files`.
    """

    def __init__(self, code: DeviceCode, *, sources: Mapping[str, str] | None = None) -> None:
        self.code = code
        with tempfile.TemporaryDirectory() as folder:
            target = Path(folder) / "fedasc_device.so"
            texts = library_files(code) if sources is None else sources
            compiled({**texts, "size.c": _SIZE}, target, options=("-shared", "-fPIC"))
            self._c = ctypes.CDLL(str(target))
        for name in ("fedasc_features", "fedasc_certainty", "fedasc_level_dbfs"):
            getattr(self._c, name).restype = ctypes.c_float
        self._c.fedasc_features.restype = ctypes.POINTER(ctypes.c_float)
        self._c.fedasc_scene.restype = ctypes.c_uint8
        self.n_state_bytes = int(self._c.fedasc_size())
        self.classifier_place = int(self._c.fedasc_classifier_place())

    def start(self, *, seed: int = 0) -> "CompiledDevice":
        """A device that begins to listen.

        Args:
            seed: Of the first day's draws.
        """
        return CompiledDevice(self, seed)


class CompiledDevice:
    """A device whose state is C's.

    Args:
        library: Its code.
        seed: Of the first day's draws.
    """

    def __init__(self, library: DeviceLibrary, seed: int) -> None:
        self._c = library._c
        self._code = library.code
        self._n_bytes = library.n_state_bytes
        self._state = (ctypes.c_uint64 * (-(-library.n_state_bytes // 8)))()
        self._c.fedasc_start(self._state, ctypes.c_uint32(seed))

    def push(self, samples: Stored) -> int:
        """Take in samples (n_samples,) and tell how many windows they completed."""
        pressed = np.ascontiguousarray(samples, np.int16)
        place = pressed.ctypes.data_as(ctypes.c_void_p)
        return int(self._c.fedasc_push(self._state, place, ctypes.c_uint32(len(pressed))))

    def hear(self, x: NDArray[np.float32]) -> None:
        """Take in a window's features (45,)."""
        single = np.ascontiguousarray(x, np.float32)
        self._c.fedasc_hear(self._state, single.ctypes.data_as(ctypes.c_void_p))

    @property
    def features(self) -> NDArray[np.float32]:
        """(45,) of the window that was completed last."""
        place = self._c.fedasc_features(self._state)
        return np.ctypeslib.as_array(place, (N_INPUTS,)).copy()

    @property
    def scene(self) -> int:
        """Of the last window."""
        return int(self._c.fedasc_scene(self._state))

    @property
    def certainty(self) -> float:
        """Probability of that scene."""
        return float(self._c.fedasc_certainty(self._state))

    @property
    def level_dbfs(self) -> float:
        """Of the last window."""
        return float(self._c.fedasc_level_dbfs(self._state))

    @property
    def n_windows(self) -> int:
        """Of the day."""
        return int(self._c.fedasc_windows(self._state))

    @property
    def state(self) -> bytes:
        """All that it keeps; the same on every core."""
        return bytes(self._state)[: self._n_bytes]

    def summary_bytes(self, *, seed: int = 0) -> bytes:
        """What may leave the device of its day, which ends; empty if nothing may.

        Args:
            seed: Of the next day's draws.
        """
        place = _Bytes()
        n = self._c.fedasc_summary(self._state, ctypes.byref(place), ctypes.c_uint32(seed))
        return ctypes.string_at(place, n) if n else b""

    def summary(self, *, seed: int = 0) -> Summary:
        """The same as the server reads it.

        Raises:
            SettingsError: If nothing may leave.
        """
        n_windows, content = self.n_windows, self.summary_bytes(seed=seed)
        if not content:
            raise SettingsError(
                f"of {n_windows} windows no component stands for enough to leave the device; have "
                "users hear more (n_heard in [listening]), or lower min_windows in [release]"
            )
        aggregator, release = self._code.aggregator, self._code.release
        return summary_of_bytes(
            content, kind=aggregator.kind, n_windows=n_windows, bits=release.bits
        )

    def update(self, classifier: EmbeddedClassifier | bytes) -> None:
        """Take the classifier that the server sent.

        Raises:
            SettingsError: If it is none.
        """
        content: Any = classifier if isinstance(classifier, bytes) else wire(classifier)
        if self._c.fedasc_update(self._state, content, ctypes.c_uint32(len(content))):
            raise SettingsError("the device took the bytes for no classifier")
