"""Options of a command line in place of what a settings file says."""

from collections.abc import Mapping
from typing import Any

from fedasc.aggregators.aggregator import Aggregator
from fedasc.config import given, merged
from fedasc.strategies.strategy import Strategy

_USUAL = {"aggregator": Aggregator.family.default, "strategy": Strategy.family.default}


def with_options(content: Mapping[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:
    """Settings as they were read, with options in their place.

    Args:
        content: Of a settings file.
        options: By setting, sections as mappings; None for what wasn't given.
    """
    chosen = given(options)
    kept = {
        key: value
        for key, value in content.items()
        # The settings of one plug-in mean nothing to another.
        if not (isinstance(value, Mapping) and _is_another(key, value, chosen.get(key)))
    }
    return merged(kept, chosen)


def _is_another(key: str, section: Mapping[str, Any], chosen: Any) -> bool:
    named = chosen.get("name") if isinstance(chosen, Mapping) else None
    return named is not None and named != section.get("name", _USUAL.get(key))
