"""What a device sends of a day, as a file."""

import json
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fedasc.aggregators.features import Features
from fedasc.aggregators.scene_gaussians import SceneGaussiansAggregator
from fedasc.aggregators.summary import Summary
from fedasc.aggregators.weights import Weights
from fedasc.errors import FedascError, MessageError, SettingsError
from fedasc.live.answer import admission
from fedasc.live.app import App
from fedasc.live.classifier_file import ClassifierFile
from fedasc.live.day import summary_of, windows_of
from fedasc.live.summary_file import read_summary, write_summary
from fedasc.release.release import Release
from tests.live.servers import tiny_server
from tests.worlds import RELEASE, tiny_world


def app(release: Release = RELEASE, **settings: Any) -> App:
    prepared = tiny_server(release=release, **settings)
    return App(
        shipped=ClassifierFile(classifier=prepared.server.baseline, bank=prepared.settings.bank),
        aggregator=prepared.settings.aggregator,
        release=release,
        public=prepared.server.public,
        server=prepared.digest,
    )


def day(one: App, n_windows: int = 30) -> Summary:
    x = tiny_world().server.comprehensive_set.training.x[:n_windows]
    return one.summarise(iter(x), seed=1)


def written(path: Path, summary: Summary, *, bits: int = 32, server: str = "") -> bytes:
    write_summary(path, summary, bits=bits, server=server)
    return path.read_bytes()


def read(path: Path, server: str = "mine", **settings: Any) -> Summary:
    return read_summary(path, admission=admission(tiny_server(**settings)), server=server)


@pytest.mark.parametrize("bits", [32, 16, 8])
def test_a_file_ends_in_the_bytes_that_go_over_the_wire(bits: int, tmp_path: Path) -> None:
    release = replace(RELEASE, bits=bits)
    summary = day(app(release))
    content = written(tmp_path / "day.summary", summary, bits=bits)
    wire = b"".join(array.tobytes() for array in summary.arrays.values())
    first, about, rest = content.split(b"\n", 2)
    assert first == b"fedasc summary"
    assert rest == wire
    assert json.loads(about)["crc32"] == zlib.crc32(wire)
    again = read(tmp_path / "day.summary", release=release)
    assert again.n_windows == summary.n_windows == 30
    assert {name: array.tobytes() for name, array in again.arrays.items()} == {
        name: array.tobytes() for name, array in summary.arrays.items()
    }
    assert [array.dtype for array in again.arrays.values()] == [
        array.dtype for array in summary.arrays.values()
    ]


def test_scenes_of_components_are_read_too(tmp_path: Path) -> None:
    settings: dict[str, Any] = {"aggregator": SceneGaussiansAggregator(min_windows=1)}
    summary = day(app(**settings))
    written(tmp_path / "day.summary", summary)
    again = read(tmp_path / "day.summary", **settings)
    assert again.arrays["scene"].tolist() == summary.arrays["scene"].tolist()


def test_it_is_for_the_server_that_it_was_made_for(tmp_path: Path) -> None:
    written(tmp_path / "day.summary", day(app()), server="mine")
    assert read(tmp_path / "day.summary").n_windows == 30
    with pytest.raises(SettingsError, match="meant for another server"):
        read(tmp_path / "day.summary", server="theirs")


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"format": 2}, "written in format 2, of which .* knows 1"),
        ({"kind": "weights"}, "expected mixtures in 32 bits, got weights in 32"),
        ({"bits": 8}, "expected mixtures in 32 bits, got mixtures in 8"),
        ({"n_windows": 0}, "expected one of 1 to 8640 windows"),
        ({"n_windows": "30"}, "expected one of 1 to 8640 windows"),
        ({"crc32": 1}, "damaged"),
        ({"crc32": "one"}, "damaged"),
        ({"arrays": [["weights", "<f4", [10**9]]]}, "may be sent at most"),
        ({"arrays": [["weights", "<f4", [-1]]]}, "damaged"),
        ({"arrays": [["weights", "<f4", [0]]], "crc32": 0}, "damaged"),
        ({"arrays": [["weights", "|O", [1]]]}, "damaged"),
        ({"arrays": [["weights", "<f4"]]}, "damaged"),
        ({"arrays": 1}, "damaged"),
    ],
)
def test_what_it_says_of_itself_is_doubted(
    changes: dict[str, Any], why: str, tmp_path: Path
) -> None:
    path = tmp_path / "day.summary"
    first, about, rest = written(path, day(app())).split(b"\n", 2)
    said = json.dumps(json.loads(about) | changes).encode()
    path.write_bytes(b"\n".join((first, said, rest)))
    with pytest.raises(FedascError, match=why):
        read(path)


def test_a_summary_that_no_day_makes_is_refused(tmp_path: Path) -> None:
    summary = day(app())
    far = {**summary.arrays, "means": summary.arrays["means"] + np.float32(500)}
    written(tmp_path / "far.summary", replace(summary, arrays=far))
    with pytest.raises(MessageError, match="where windows may lie"):
        read(tmp_path / "far.summary")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda content: content[:-1],
        lambda content: content + b"\0",
        lambda content: content[:-5] + bytes([content[-5] ^ 1]) + content[-4:],
        lambda content: content[:20],
        lambda content: b"RIFF" + content,
        lambda content: b"",
    ],
)
def test_what_is_damaged_is_told(spoil: Callable[[bytes], bytes], tmp_path: Path) -> None:
    path = tmp_path / "day.summary"
    path.write_bytes(spoil(written(path, day(app()))))
    with pytest.raises(SettingsError, match="damaged"):
        read(path)
    with pytest.raises(SettingsError, match="no such summary file"):
        read(tmp_path / "another.summary")


def test_other_kinds_go_into_files_too(tmp_path: Path) -> None:
    """Whatever a plug-in sends is arrays."""
    server = tiny_world().server
    for content in (Weights.of(server.baseline), Features(server.baseline_set.training.x[:3])):
        summary = Summary.of(content, 3)
        rest = written(tmp_path / "day.summary", summary).split(b"\n", 2)[2]
        assert rest == b"".join(array.tobytes() for array in content.arrays().values())


SOUND = np.random.default_rng(8).normal(0, 2000, 400_000).astype(np.int16)


def test_sounds_are_one_day_and_each_begins_at_rest() -> None:
    one = app()
    sounds = [iter([SOUND[:330_000]]), iter([SOUND[:80_000], SOUND[80_000:170_000]])]
    windows = list(windows_of(sounds, one))
    (alone,) = windows_of([iter([SOUND[:170_000]])], one)
    assert [window.start_s for window in windows] == [0.0, 10.0, pytest.approx(20.625)]
    assert windows[2].x.tobytes() == alone.x.tobytes()


def test_a_day_of_a_single_window_has_no_summary() -> None:
    one = app()
    windows = list(windows_of([iter([SOUND])], one))
    assert summary_of(iter(windows[:1]), one) is None
    assert summary_of(iter([]), one) is None
    summary = summary_of(iter(windows), one)
    assert summary is not None
    assert summary.n_windows == len(windows) == 2


def test_what_hides_something_is_drawn_anew_and_all_else_is_repeated() -> None:
    def bits(one: App) -> bytes:
        windows = windows_of([iter([SOUND])], one)
        summary = summary_of(windows, one)
        assert summary is not None
        return summary.arrays["means"].tobytes()

    assert bits(app()) == bits(app())
    assert bits(app(replace(RELEASE, noise=0.1))) != bits(app(replace(RELEASE, noise=0.1)))
