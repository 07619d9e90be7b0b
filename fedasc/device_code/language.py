"""In what simulated devices run."""

from typing import Literal, get_args

Language = Literal["python", "c", "c-fixed"]
"""Python, or the C that leaves for real devices, in single precision or in whole numbers."""

LANGUAGES: tuple[Language, ...] = get_args(Language)
