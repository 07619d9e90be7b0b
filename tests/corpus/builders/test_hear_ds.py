from pathlib import Path

import pytest

from fedasc.corpus.builders.build import Build
from fedasc.corpus.builders.hear_ds import (
    IN_CUT,
    LICENCE,
    MIXED,
    NO_ENVIRONMENT,
    NO_RECORDING,
    OTHER_FORMAT,
    VOICES,
    build_hear_ds,
)
from fedasc.corpus.recordings import Recording
from fedasc.errors import CorpusError

SNIPPET = "{}_552_16_{:03d}_ITC_{}_16kHz.wav"
CUT = "rec_id_{}_cut_{:02d}_{}_00_Mic_{}_raw_48kHz{}bit.wav"


def touch(folder: Path, *names: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).touch()


def types(built: Build) -> dict[str, tuple[str, str, str]]:
    return {r.path.partition("/")[0]: (r.label, r.type, r.domain) for r in built.recordings}


def test_snippets_of_a_recording_are_one_group_and_each_ear_a_microphone(tmp_path: Path) -> None:
    """The part AudioSnippets."""
    names = [SNIPPET.format("01", n, ear) for n in (3, 4) for ear in "LR"]
    touch(tmp_path / "InTraffic" / "Background", *names)
    touch(tmp_path / "InTraffic" / "Speech" / "-6", "09_552_16_004_ITC_L_16kHz.wav")
    built = build_hear_ds(tmp_path)
    assert built == Build(
        recordings=tuple(
            Recording(
                path=f"InTraffic/Background/{name}",
                label="noise",
                type="traffic",
                domain="urban",
                group="hear_ds:552",
                origin="hear_ds:552",
                microphone=f"ITC_{ear}",
            )
            for name, ear in zip(names, "LRLR", strict=True)
        ),
        licence=LICENCE,
        left=(("InTraffic/Speech/-6/09_552_16_004_ITC_L_16kHz.wav", MIXED),),
    )


def test_cuts_have_six_microphones(tmp_path: Path) -> None:
    """The part RawAudioCuts."""
    microphones = [f"BTE_{ear}_{place}" for ear in "LR" for place in ("front", "rear")]
    microphones += ["ITC_L", "ITC_R"]
    folder = tmp_path / "HEAR-DS" / "RawAudioCuts" / "WindTurbulence" / "rec_203_dike_1"
    touch(folder, *(CUT.format("203", 39, "wind", name, 32) for name in microphones))
    built = build_hear_ds(tmp_path)
    assert [(r.microphone, r.group, r.type) for r in built.recordings] == [
        (name, "hear_ds:203", "wind_turbulence") for name in microphones
    ]
    assert built.left == ()


def test_every_environment_is_read_as_something(tmp_path: Path) -> None:
    names = """
    CocktailParty InTraffic InVehicle Music QuietIndoors ReverberantEnvironment WindTurbulence
    InterfereringSpeakers
    """
    for n, name in enumerate(names.split()):
        touch(tmp_path / name / "Background", f"{n:02d}_{n}01_00_000_ITC_L_16kHz.wav")
    built = build_hear_ds(tmp_path)
    assert types(built) == {
        "InTraffic": ("noise", "traffic", "urban"),
        "InVehicle": ("noise", "in_vehicle", "urban"),
        "Music": ("music", "other", ""),
        "QuietIndoors": ("noise", "quiet_indoors", "domestic"),
        "ReverberantEnvironment": ("noise", "reverberant_environment", ""),
        "WindTurbulence": ("noise", "wind_turbulence", "nature"),
        "InterfereringSpeakers": ("speech", "interfering_speakers", ""),
    }
    assert built.left == (("CocktailParty/Background/00_001_00_000_ITC_L_16kHz.wav", VOICES),)
    babble = types(build_hear_ds(tmp_path, babble=True))
    assert babble == types(built) | {"CocktailParty": ("noise", "babble", "urban")}


def test_an_environment_alone_will_do(tmp_path: Path) -> None:
    touch(tmp_path / "InVehicle" / "Background", SNIPPET.format("02", 0, "L"))
    (recording,) = build_hear_ds(tmp_path / "InVehicle").recordings
    assert (recording.path, recording.type) == (
        f"Background/{SNIPPET.format('02', 0, 'L')}",
        "in_vehicle",
    )


def test_folders_above_may_be_called_as_they_like(tmp_path: Path) -> None:
    touch(tmp_path / "speech" / "InVehicle" / "Background", SNIPPET.format("02", 0, "L"))
    for root in (tmp_path, tmp_path / "speech"):
        assert len(build_hear_ds(root).recordings) == 1


def test_nothing_counts_twice(tmp_path: Path) -> None:
    music = tmp_path / "RawAudioCuts" / "Music" / "rec_103"
    touch(music, *(CUT.format("103", 43, "jazz", "ITC_L", bits) for bits in (16, 32)))
    touch(music, CUT.format("103", 44, "jazz", "ITC_L", 16))
    snippets = [
        f"03_103_{cut}_00{n}_ITC_{ear}_16kHz.wav"
        for cut, n, ear in ((43, 1, "L"), (43, 1, "R"), (45, 0, "L"))
    ]
    touch(tmp_path / "AudioSnippets" / "Music" / "Background", *snippets)
    built = build_hear_ds(tmp_path)
    assert [Path(r.path).name for r in built.recordings] == [
        snippets[1],
        snippets[2],
        CUT.format("103", 43, "jazz", "ITC_L", 32),
        CUT.format("103", 44, "jazz", "ITC_L", 16),
    ]
    assert [(Path(path).name, reason) for path, reason in built.left] == [
        (CUT.format("103", 43, "jazz", "ITC_L", 16), OTHER_FORMAT),
        (snippets[0], IN_CUT),
    ]


def test_what_cannot_be_used_is_named(tmp_path: Path) -> None:
    touch(tmp_path / "InTraffic", "a.wav", SNIPPET.format("01", 0, "L"))
    touch(tmp_path / "Code", "b.wav", "c.py")
    touch(tmp_path / "SpeechIn_Traffic" / "InTraffic", SNIPPET.format("01", 0, "R"))
    built = build_hear_ds(tmp_path)
    assert len(built.recordings) == 1
    assert set(built.left) == {
        ("InTraffic/a.wav", NO_RECORDING),
        ("Code/b.wav", NO_ENVIRONMENT),
        (f"SpeechIn_Traffic/InTraffic/{SNIPPET.format('01', 0, 'R')}", MIXED),
    }


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    touch(tmp_path / "traffic", "a.wav")
    with pytest.raises(CorpusError, match=r"expected folders of environments.*holds traffic/"):
        build_hear_ds(tmp_path)
