import os
from pathlib import Path

from fedasc.corpus.builders.build import Build
from fedasc.corpus.recordings import Recording
from fedasc.report.build import build_lines

MANIFEST = Path("sounds/manifest.csv")


def recordings(label: str, *types: str) -> tuple[Recording, ...]:
    return tuple(
        Recording(path=f"{label}{n}", label=label, type=kind, group=f"{label}{n}")
        for n, kind in enumerate(types)
    )


def lines(build: Build, n_listed: int = 10) -> list[str]:
    return build_lines(build, MANIFEST, n_listed=n_listed).plain.splitlines()


def test_recordings_and_types_are_counted_by_label() -> None:
    found = (*recordings("speech", "read"), *recordings("noise", "rain", "wind", "rain"))
    assert lines(Build(recordings=found, licence="CC0")) == [
        "3 noise (2 types), 1 speech (1 types) in sounds/manifest.csv",
        "Licence: CC0",
    ]


def test_large_numbers_are_easy_to_read() -> None:
    build = Build(
        recordings=recordings("music", *["pop"] * 1200),
        licence="CC0",
        left=tuple((f"n{n}", "gone") for n in range(1500)),
    )
    first, second, *_, more, _ = lines(build)
    assert first.startswith("1,200 music (1 types)")
    assert second == "Left out, 1,500:"
    assert more == "  n0 and 1,499 more: gone"


def test_what_was_left_out_is_listed_as_far_as_asked() -> None:
    left = (("a.txt", "no audio"), ("[b].wav", "gone"), ("c.wav", "too short"))
    build = Build(recordings=recordings("noise", "rain"), licence="CC0", left=left)
    listed = ["  a.txt: no audio", "  [b].wav: gone", "  c.wav: too short"]
    assert lines(build)[1:-1] == ["Left out, 3:", *listed]
    assert lines(build, n_listed=3)[1:-1] == ["Left out, 3:", *listed]
    assert lines(build, n_listed=2)[1:-1] == [
        "Left out, 3:",
        *listed[:2],
        "  and 1 more for other reasons",
    ]


def test_no_reason_hides_behind_another_that_many_have() -> None:
    left = (*((f"n{n}", "gone") for n in range(20)), ("a", "too short"), ("n20", "gone"))
    build = Build(recordings=recordings("noise", "rain"), licence="CC0", left=left)
    assert lines(build)[1:-1] == ["Left out, 22:", "  n0 and 20 more: gone", "  a: too short"]
    assert len(lines(build, n_listed=22)[1:-1]) == 23


def test_a_name_that_cannot_be_printed_is_escaped() -> None:
    left = ((os.fsdecode(b"M\xf6we\r\n\x1b[31m.wav"), "gone"),)
    build = Build(recordings=recordings("noise", "rain"), licence="CC0", left=left)
    assert lines(build)[2] == r"  M\udcf6we\r\n\x1b[31m.wav: gone"
