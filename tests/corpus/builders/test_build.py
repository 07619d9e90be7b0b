import os
from dataclasses import replace
from pathlib import Path

from fedasc.corpus.builders.build import Build, without_misnamed
from fedasc.corpus.manifest import read_manifest, write_manifest
from fedasc.corpus.recordings import Recording

GOOD = Recording(path=os.fsdecode(b"M\xf6we.wav"), label="noise", type="gulls", group="g")


def test_what_a_manifest_cannot_hold_is_left_out_by_name(tmp_path: Path) -> None:
    odd = [
        replace(GOOD, path=f"{n}.wav", type=kind)
        for n, kind in enumerate(("a\rb", "a;b", "\udcf6"))
    ]
    left = (("README", "no audio"),)
    built = without_misnamed(Build(recordings=(*odd, GOOD), licence="CC0", left=left))
    assert built.recordings == (GOOD,)
    assert built.left == (
        *left,
        ("0.wav", r"type must be a line of UTF-8, got 'a\rb'; rename it"),
        ("1.wav", "type must not hold ';' or blanks around it, got 'a;b'; rename it"),
        ("2.wav", r"type must be a line of UTF-8, got '\udcf6'; rename it"),
    )
    (tmp_path / GOOD.path).touch()
    write_manifest(tmp_path / "manifest.csv", built.recordings, root=tmp_path)
    assert read_manifest(tmp_path / "manifest.csv").recordings == (GOOD,)
