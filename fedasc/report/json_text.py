"""JSON for people and programs: null where there is no number, which JSON has no word for."""

import json
from collections.abc import Mapping
from math import isfinite
from typing import Any


def json_text(content: Any) -> str:
    """Content with a line for each of its parts, and an end of line.

    Args:
        content: Mappings, sequences, texts and numbers; NaN and infinities become null.
    """
    return json.dumps(known(content), indent=2, allow_nan=False) + "\n"


def known(content: Any) -> Any:
    """The same, with null where a number isn't finite."""
    if isinstance(content, Mapping):
        return {key: known(value) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return [known(value) for value in content]
    return None if isinstance(content, float) and not isfinite(content) else content
