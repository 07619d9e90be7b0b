"""The process of a tracker: it reads what is told, a line each, and tells the tracker.

So what a tracker imports, prints, waits for and breaks is no matter of the run.
"""

import json
import sys
import traceback
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from fedasc.atomic import replaced
from fedasc.errors import in_a_line
from fedasc.trackers.tracker import Log, Tracked, Tracker

_LONGEST = 300


def serve(lines: Iterator[str], told: Path) -> None:
    """Tell a tracker whatever lines say, until they end.

    Args:
        lines: In JSON: first what is tracked where, then nights, and at last files.
        told: File for how many nights the tracker was told of.
    """
    begin = json.loads(next(lines))
    run = Tracked(**begin["run"])
    log = Tracker.from_section(begin["tracker"], where="--track").log(run)
    is_finished = False
    try:
        for line in lines:
            content: Mapping[str, Any] = json.loads(line)
            if "files" in content:
                log.keep([Path(path) for path in content["files"]])
                is_finished = True
            else:
                _night(log, content)
                with replaced(told) as file:
                    file.write(json.dumps({"n_nights": content["night"] + 1}).encode())
    finally:
        log.close(is_finished=is_finished)


def _night(log: Log, content: Mapping[str, Any]) -> None:
    log.night(content["night"], content["numbers"])


def main() -> None:
    """Serve the lines of standard input; what went wrong is the last line of standard error."""
    try:
        serve(iter(sys.stdin), Path(sys.argv[1]))
    except Exception as error:
        traceback.print_exc()
        print(in_a_line(f"{type(error).__name__}: {error}", longest=_LONGEST), file=sys.stderr)  # noqa: T201
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
