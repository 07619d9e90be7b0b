from pathlib import Path

import pytest

from fedasc.corpus.builders.ahead_ds import (
    COPY,
    LICENCE,
    MISSING,
    MIXED,
    UNKNOWN,
    VOICES,
    build_ahead_ds,
)
from fedasc.corpus.builders.build import Build
from fedasc.corpus.recordings import Recording
from fedasc.errors import CorpusError

# fmt: off
CLEAN = (
    "in_traffic", "in_vehicle", "interfering_speakers", "music", "quiet_indoors",
    "reverberant_environment", "wind_turbulence",
)
MIXTURES = (
    "speech_in_music", "speech_in_quiet_indoors", "speech_in_reverberant_environment",
    "speech_in_traffic", "speech_in_vehicle", "speech_in_wind_turbulence",
)
# fmt: on


def touch(folder: Path, *names: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).touch()


def one_hot(path: Path, *names: str) -> None:
    scenes = sorted({name.rpartition("_")[0] for name in names})
    lines = [f"files,{','.join(scenes)}"]
    lines += [
        ",".join([name, *("01"[name.rpartition("_")[0] == scene] for scene in scenes)])
        for name in names
    ]
    path.write_text("\n".join(lines) + "\n")


def test_scenes_without_speech_become_recordings(tmp_path: Path) -> None:
    """ahead_ds."""
    home = tmp_path / "ahead_ds"
    names = [f"{scene}_{n:05d}.wav" for scene in (*CLEAN, *MIXTURES) for n in (1, 2)]
    touch(home, *names, "cocktail_party_00001.wav", "LICENCE.txt", "README.md")
    one_hot(home / "ahead_ds_all.csv", *names)
    one_hot(home / "ahead_ds_training.csv", *names[::2])
    one_hot(home / "ahead_ds_testing.csv", *names[1::2])

    def recording(name: str, label: str, kind: str, group: str, domain: str = "") -> Recording:
        part = "train" if name.endswith("1.wav") else "test"
        return Recording(
            path=f"ahead_ds/{name}",
            label=label,
            type=kind,
            domain=domain,
            group=group,
            further=(("set", part),),
        )

    what = {
        "in_traffic": ("noise", "traffic", "ahead_ds:in_traffic", "urban"),
        "in_vehicle": ("noise", "in_vehicle", "ahead_ds:in_vehicle", "urban"),
        "interfering_speakers": ("speech", "interfering_speakers", "chime6"),
        "music": ("music", "other", "ahead_ds:music"),
        "quiet_indoors": ("noise", "quiet_indoors", "ahead_ds:quiet_indoors", "domestic"),
        "reverberant_environment": (
            *("noise", "reverberant_environment", "ahead_ds:reverberant_environment"),
        ),
        "wind_turbulence": ("noise", "wind_turbulence", "ahead_ds:wind_turbulence", "nature"),
    }
    assert build_ahead_ds(tmp_path) == Build(
        recordings=tuple(
            recording(f"{scene}_{n:05d}.wav", *what[scene]) for scene in CLEAN for n in (1, 2)
        ),
        licence=LICENCE,
        left=(
            ("ahead_ds/cocktail_party_00001.wav", VOICES),
            *((f"ahead_ds/{scene}_{n:05d}.wav", MIXED) for scene in MIXTURES for n in (1, 2)),
        ),
    )
    babble = build_ahead_ds(tmp_path, babble=True).recordings
    assert (babble[0].path, babble[0].type) == ("ahead_ds/cocktail_party_00001.wav", "babble")


def test_what_was_mixed_is_used_where_it_is_apart(tmp_path: Path) -> None:
    """ahead_ds_unmixed."""
    names = {
        "in_traffic/in_traffic_00001.wav": ("noise", "traffic", "ahead_ds:in_traffic"),
        "in_traffic_env/in_traffic_env_00001.wav": ("noise", "traffic", "ahead_ds:in_traffic"),
        "in_traffic_speech/in_traffic_speech_00001.wav": (
            *("speech", "interfering_speakers", "chime6"),
        ),
        "music_env/music_env_00001.wav": ("music", "other", "ahead_ds:music"),
        "music_snippet/music_00001.wav": ("music", "other", "ahead_ds:music"),
        "music_speech/music_speech_00001.wav": ("speech", "interfering_speakers", "chime6"),
    }
    lines = ["file,file_association,set,SNR dB"]
    for name in names:
        folder, file = name.split("/")
        touch(tmp_path / folder, file)
        lines.append(f"{file},{folder},validation,NA")
    lines.append("in_vehicle_00007.wav,in_vehicle,test,NA")
    (tmp_path / "ahead_ds_unmixed.csv").write_text("\n".join(lines))
    built = build_ahead_ds(tmp_path)
    assert {r.path: (r.label, r.type, r.group) for r in built.recordings} == names
    assert {r.further for r in built.recordings} == {(("set", "validation"),)}
    assert built.left == (("in_vehicle_00007.wav", MISSING),)


def test_each_scene_stands_on_one_side_of_a_split(tmp_path: Path) -> None:
    names = [f"{scene}{part}_00001.wav" for scene in CLEAN for part in ("", "_env", "_speech")]
    touch(tmp_path, *names)
    groups: dict[str, set[str]] = {}
    for recording in build_ahead_ds(tmp_path).recordings:
        groups.setdefault(recording.type, set()).add(recording.group)
    assert {len(same) for same in groups.values()} == {1}
    assert len(groups) == 7


def test_what_cannot_be_used_is_named(tmp_path: Path) -> None:
    touch(tmp_path / "ahead_ds", "music_00001.wav", "music.wav", "opera_00001.wav")
    touch(tmp_path / "ahead_ds_unmixed" / "music_snippet", "music_00001.wav")
    assert build_ahead_ds(tmp_path).left == (
        ("ahead_ds/music.wav", UNKNOWN),
        ("ahead_ds/opera_00001.wav", UNKNOWN),
        ("ahead_ds_unmixed/music_snippet/music_00001.wav", COPY),
    )


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    touch(tmp_path / "music", "1.wav")
    with pytest.raises(CorpusError, match=r"expected audio such as in_traffic_00001.*holds music/"):
        build_ahead_ds(tmp_path)
