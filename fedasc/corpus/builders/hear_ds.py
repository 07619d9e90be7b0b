"""HEAR-DS: what a hearing aid's microphones hear in seven environments (Hüwel et al. 2020).

Layouts as on download.hz-ol.de, by its HEAR-DS.txt and by public code that reads the data:

- AudioSnippets: `InTraffic/Background/01_552_16_004_ITC_L_16kHz.wav`, where the numbers are those
  of environment, recording, cut and snippet, and mixtures with speech in `InTraffic/Speech/-6`;
- RawAudioCuts: `CocktailParty/rec_001_HDH_1/
  rec_id_001_cut_00_multispeaker_00_Mic_BTE_L_rear_raw_48kHz32bit.wav`.
"""

import re
from collections.abc import Sequence
from operator import attrgetter
from pathlib import Path, PurePosixPath

from fedasc.corpus.builders.build import Build
from fedasc.corpus.builders.tree import contents, tree_of
from fedasc.corpus.recordings import Recording
from fedasc.errors import CorpusError

LICENCE = "CC0; see the LICENSE.txt of each part."

MIXED = "speech and its surroundings are mixed already"
VOICES = "a cocktail party is no noise; see --babble"
NO_RECORDING = "its name doesn't tell which recording it comes from"
NO_ENVIRONMENT = "in no folder of an environment"
OTHER_FORMAT = "the same cut comes in another format"
IN_CUT = "the cut that it comes from is there"

_COCKTAIL_PARTY = "cocktailparty"
_ENVIRONMENTS = {
    _COCKTAIL_PARTY: ("noise", "babble", "urban"),
    "interferingspeakers": ("speech", "interfering_speakers", ""),
    "interfereringspeakers": ("speech", "interfering_speakers", ""),  # as some scripts call it
    "intraffic": ("noise", "traffic", "urban"),
    "invehicle": ("noise", "in_vehicle", "urban"),
    "music": ("music", "other", ""),
    "quietindoors": ("noise", "quiet_indoors", "domestic"),
    "reverberantenvironment": ("noise", "reverberant_environment", ""),
    "windturbulence": ("noise", "wind_turbulence", "nature"),
}
_CUT = re.compile(
    r"rec_id_(?P<recording>\d+)_cut_(?P<cut>\d+)_(?P<piece>.*?)_?Mic_(?P<microphone>.+?)(?:_raw)?"
    r"_\d+kHz(?P<bits>\d*)(?:bit)?"
)
_SNIPPET = re.compile(
    r"\d+_(?P<recording>[A-Z]*\d+)_(?P<cut>\d+)_(?P<piece>\d+)_(?P<microphone>.+?)"
    r"_\d+kHz\w*(?P<bits>)"
)


def build_hear_ds(root: Path, *, babble: bool = False) -> Build:
    """The recordings of HEAR-DS, of either of its parts or of some environments.

    All of one recording situation is one group. The microphone is the recording's: ITC_L and
    ITC_R in the ears, BTE_L_front and so on behind them; all six heard the same at the same time.

    Mixtures with speech are left out, since the software mixes speech itself, and so is the
    cocktail party unless asked for. Of a cut in two formats the one of more bits counts, and
    snippets whose cut is there are left out.

    What is noise of which domain is our reading; a reverberant environment is of none.

    Args:
        root: The folder that holds the folders of environments, at any depth, or one of these.
        babble: Take the cocktail party as noise too.

    Raises:
        CorpusError: If there is no folder of an environment with audio.
    """
    tree = tree_of(root)
    placed = [(path, _folders(root, path)) for path in tree.audio]
    if not any(_environment(folders) for _, folders in placed):
        raise CorpusError(
            f"{root}: expected folders of environments, such as InTraffic, with audio; "
            f"{contents(root)}"
        )
    seen: set[tuple[str, ...]] = set()
    recordings = []
    left = []
    for path, folders in sorted(placed, key=lambda place: _rank(place[0])):
        environment, name = _environment(folders), _name(path)
        if environment is None:
            left.append((path, NO_ENVIRONMENT))
        elif _is_mixed(folders, environment):
            left.append((path, MIXED))
        elif environment == _COCKTAIL_PARTY and not babble:
            left.append((path, VOICES))
        elif name is None:
            left.append((path, NO_RECORDING))
        else:
            cut = (name["recording"], name["cut"], name["microphone"])
            piece = (*cut, name["piece"])
            if piece in seen:
                left.append((path, OTHER_FORMAT))
            elif name.re is _SNIPPET and cut in seen:
                left.append((path, IN_CUT))
            else:
                seen |= {piece, cut} if name.re is _CUT else {piece}
                label, kind, domain = _ENVIRONMENTS[environment]
                recordings.append(
                    Recording(
                        path=path,
                        label=label,
                        type=kind,
                        domain=domain,
                        group=f"hear_ds:{name['recording']}",
                        origin=f"hear_ds:{name['recording']}",
                        microphone=name["microphone"],
                    )
                )
    return Build(
        recordings=tuple(sorted(recordings, key=attrgetter("path"))),
        licence=LICENCE,
        left=tuple(left),
    )


def _folders(root: Path, path: str) -> list[str]:
    """Names of the folders above a file, with that of the root, as they are compared."""
    names = [root.absolute().name, *PurePosixPath(path).parts[:-1]]
    return [name.lower().replace("_", "").replace(" ", "") for name in names]


def _environment(folders: Sequence[str]) -> str | None:
    return next((name for name in reversed(folders) if name in _ENVIRONMENTS), None)


def _is_mixed(folders: Sequence[str], environment: str) -> bool:
    """Whether a file lies in an environment's folder of speech, or in one called speech in it."""
    below = folders[folders.index(environment) + 1 :]
    return "speech" in below or any(folder.startswith("speechin") for folder in folders)


def _name(path: str) -> re.Match[str] | None:
    stem = PurePosixPath(path).stem
    return _CUT.fullmatch(stem) or _SNIPPET.fullmatch(stem)


def _rank(path: str) -> tuple[int, str]:
    """More bits before fewer; names of snippets tell of none, so they come after cuts."""
    name = _name(path)
    return -int(name["bits"] or 0) if name else 0, path
