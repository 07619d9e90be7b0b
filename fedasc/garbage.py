"""How often Python looks for garbage among objects that refer to each other."""

import atexit
import gc

_SELDOM = (10_000, 10, 10)


def collect_seldom() -> None:
    """Look for it far less often than usual in this process, and not at all as it ends.

    Modules are none: to search them while they are imported takes an eighth of the time that this
    takes, and a last time more than half of that in which the process ends.
    """
    gc.set_threshold(*_SELDOM)
    atexit.register(gc.freeze)
