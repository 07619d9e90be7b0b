"""AHEAD-DS: scenes for hearing aids, made of HEAR-DS and CHiME-6 (Zhong et al. 2025).

Layouts as on Hugging Face (hzhongresearch/ahead_ds and ahead_ds_unmixed) and in the scripts that
made them: files `in_traffic_00001.wav` in one folder, beside tables that say which of 14 scenes
each is; unmixed, in a folder per kind, also `in_traffic_env` and `in_traffic_speech`, of which the
mixtures were made.
"""

import re
from operator import attrgetter
from pathlib import Path, PurePosixPath

from fedasc.corpus.builders.build import Build
from fedasc.corpus.builders.tables import read_rows
from fedasc.corpus.builders.tree import Tree, contents, tree_of
from fedasc.corpus.recordings import Recording
from fedasc.errors import CorpusError

LICENCE = "CC BY-SA 4.0."

MIXED = "speech and its surroundings are mixed already; ahead_ds_unmixed has them apart"
VOICES = "a cocktail party is no noise; see --babble"
MISSING = "listed, but there is no such file"
UNKNOWN = "not named like AHEAD-DS's scenes"
COPY = "a file of this name comes first"

_COCKTAIL_PARTY = "cocktail_party"
_SPEECH = "interfering_speakers"
_SCENES = {
    _COCKTAIL_PARTY: ("noise", "babble", "urban"),
    _SPEECH: ("speech", "interfering_speakers", ""),
    "in_traffic": ("noise", "traffic", "urban"),
    "in_vehicle": ("noise", "in_vehicle", "urban"),
    "music": ("music", "other", ""),
    "quiet_indoors": ("noise", "quiet_indoors", "domestic"),
    "reverberant_environment": ("noise", "reverberant_environment", ""),
    "wind_turbulence": ("noise", "wind_turbulence", "nature"),
}
_NAME = re.compile(
    rf"(?P<mixed>speech_in_)?(?P<scene>{'|'.join(_SCENES)}|traffic|vehicle)"
    r"(?P<part>_env|_speech)?_\d+"
)
_TABLES = {
    "ahead_ds_training.csv": "train",
    "ahead_ds_validation.csv": "validation",
    "ahead_ds_testing.csv": "test",
}


def build_ahead_ds(root: Path, *, babble: bool = False) -> Build:
    """The recordings of AHEAD-DS, mixed or unmixed.

    Mixtures with speech are left out, since the software mixes speech itself, and so is the
    cocktail party unless asked for.

    Neither names nor tables tell which snippets were cut from one recording, or are its left and
    its right ear: they were numbered in the order in which a disk listed them. AHEAD-DS's own
    split has them on both sides. Here all of a scene is one group, and all speech one, so each
    stands in one part of a split only: add other corpora, or take HEAR-DS, which tells, but never
    both, since nothing can keep what they share on one side.

    Args:
        root: The folder with the files, or one above.
        babble: Take the cocktail party as noise too.

    Raises:
        CorpusError: If there is no such audio, or a table can't be used.
    """
    tree = tree_of(root)
    if not any(_NAME.fullmatch(PurePosixPath(path).stem) for path in tree.audio):
        raise CorpusError(f"{root}: expected audio such as in_traffic_00001.wav; {contents(root)}")
    parts, left = _parts(root, tree)
    recordings = []
    names = set()
    for path in tree.audio:
        stem = PurePosixPath(path).stem
        name = _NAME.fullmatch(stem)
        if name is None:
            left.append((path, UNKNOWN))
        elif stem in names:
            left.append((path, COPY))
        elif name["mixed"]:
            left.append((path, MIXED))
        elif name["scene"] == _COCKTAIL_PARTY and not babble:
            left.append((path, VOICES))
        else:
            scene = _SPEECH if name["part"] == "_speech" else name["scene"]
            label, kind, domain = _SCENES[scene]
            group = "chime6" if scene == _SPEECH else f"ahead_ds:{scene}"
            recordings.append(
                Recording(
                    path=path,
                    label=label,
                    type=kind,
                    domain=domain,
                    group=group,
                    further=(("set", parts[stem]),) if stem in parts else (),
                )
            )
        names.add(stem)
    return Build(
        recordings=tuple(sorted(recordings, key=attrgetter("path"))),
        licence=LICENCE,
        left=tuple(left),
    )


def _parts(root: Path, tree: Tree) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """The part of AHEAD-DS's own split by name of the file, and what is listed but isn't there."""
    parts = {}
    for table, part in _TABLES.items():
        for path in tree.tables(table):
            for _, row in read_rows(root / path, ("files",), cure="take AHEAD-DS's own file"):
                parts[row["files"]] = part
    for path in tree.tables("ahead_ds_unmixed.csv"):
        for _, row in read_rows(root / path, ("file", "set"), cure="take AHEAD-DS's own file"):
            parts[row["file"]] = row["set"]
    left = [(name, MISSING) for name in parts if tree.audio_file(name, folder=".") is None]
    return {PurePosixPath(name).stem: part for name, part in parts.items()}, left
