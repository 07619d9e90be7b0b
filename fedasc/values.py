"""Immutable values: frozen dataclasses whose arrays can't be written to."""

from dataclasses import fields
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def lock_arrays(value: "DataclassInstance") -> None:
    """Replace the arrays of a frozen dataclass by read-only views of them.

    To be called in `__post_init__`. What is done to the original arrays shows in the value, so they
    must be given away, not kept.
    """
    for field in fields(value):
        array = getattr(value, field.name)
        if isinstance(array, np.ndarray):
            view = array.view()
            view.flags.writeable = False
            object.__setattr__(value, field.name, view)
