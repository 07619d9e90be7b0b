import subprocess
import sys

_TOLD = """
import atexit
import gc

atexit.register(lambda: print(gc.get_freeze_count() > 1000))
usual, *_ = gc.get_threshold()

from fedasc.garbage import collect_seldom

collect_seldom()
print(gc.isenabled(), gc.get_threshold()[0] > 4 * usual)
"""


def test_garbage_is_looked_for_seldom_and_not_at_the_end() -> None:
    done = subprocess.run([sys.executable, "-c", _TOLD], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "True", "True"]
