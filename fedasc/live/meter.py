"""A level meter in characters."""

_LOWEST_DBFS = -60.0
_WIDTH = 30


def bar(level_dbfs: float) -> str:
    """A bar that is full at full scale, and empty 60 dB below."""
    share = min(max(1 - level_dbfs / _LOWEST_DBFS, 0.0), 1.0)
    n_full = round(share * _WIDTH)
    return "█" * n_full + "·" * (_WIDTH - n_full)
