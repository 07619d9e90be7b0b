"""AudioSet's ontology, and the type that it gives to a recording with AudioSet's labels."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from fedasc.corpus.builders.build import Left
from fedasc.corpus.vocabulary import SoundType, Vocabulary
from fedasc.errors import CorpusError

Labels = frozenset[str]
"""Machine ids of what sounds in a recording."""

MUSIC = "/m/04rlf"
HUMAN_VOICE = "/m/09l8g"
SPEECH = "/m/09x0r"

NO_TYPE = "its labels name no noise type and no genre"
NOISE_IN_MUSIC = "its labels name both a noise type and a genre"
IMPURE_NOISE = "its labels name music or a human voice beside the noise"
SPEECH_IN_MUSIC = "its labels name speech beside the music"
SEVERAL_DOMAINS = "its labels name noise types of several domains"
SEVERAL_GENRES = "its labels name several genres"


def labels_of(text: str) -> Labels:
    """The machine ids in a text, between commas or semicolons."""
    return frozenset(filter(None, map(str.strip, text.replace(";", ",").split(","))))


@dataclass(frozen=True)
class Ontology:
    """Which sounds are kinds of which others; a sound can be a kind of several.

    Args:
        children: Machine ids of the kinds of each sound.
    """

    children: Mapping[str, tuple[str, ...]]

    def descendants(self, mid: str) -> frozenset[str]:
        """A sound, its kinds, their kinds and so on.

        Raises:
            CorpusError: If the ontology doesn't list the sound.
        """
        if mid not in self.children:
            raise CorpusError(f"the ontology has no {mid}; take AudioSet's own, unchanged")
        descendants: set[str] = set()
        ahead = [mid]
        while ahead:
            sound = ahead.pop()
            if sound not in descendants:
                descendants.add(sound)
                ahead += self.children.get(sound, ())
        return frozenset(descendants)


def read_ontology(path: Path) -> Ontology:
    """Read ontology.json as AudioSet publishes it.

    Raises:
        CorpusError: If the file is missing, isn't such a list, or has a sound below itself.
    """
    if not path.is_file():
        raise CorpusError(
            f"{path}: no such file; take ontology.json from https://github.com/audioset/ontology"
        )
    try:
        content = json.loads(path.read_bytes())
        children = {sound["id"]: tuple(sound["child_ids"]) for sound in content}
        TopologicalSorter(children).prepare()
    except CycleError as error:
        raise CorpusError(f"{path}: lists {error.args[1][0]} below itself") from error
    except (ValueError, TypeError, KeyError) as error:
        raise CorpusError(
            f"{path}: expected a list of objects with id and child_ids, as in "
            "https://github.com/audioset/ontology"
        ) from error
    return Ontology(children)


def types_by_labels(
    labels: Mapping[str, Labels], *, vocabulary: Vocabulary, ontology: Ontology
) -> tuple[dict[str, SoundType], Left]:
    """The type of each recording whose labels give it exactly one.

    A label stands for every type that it is a kind of. A label is set aside where a kind of it is
    given too, and a type where a more specific one is found: wind gives way to rustling leaves.

    - **Noise** has a noise type and nothing from music or the human voice, except kinds of noise
      types. Noise types of several domains are ambiguous. Of several in one domain, the one found
      in the fewest of the recordings counts, and of equally rare ones the first by name, so that
      rare types keep as many recordings as they can.
    - **Music** has one genre, no noise type and no speech; singing is welcome. Several genres are
      ambiguous.

    Labels only tell that a sound occurs somewhere in the recording (paper sec. 4.1), so some of
    what is called noise will be quiet for most of its time.

    Args:
        labels: By name of the recording.

    Returns:
        The types by name of the recording, and the other names with the reasons.

    Raises:
        CorpusError: If the ontology lacks a type of the vocabulary.
    """
    rule = _Rule(vocabulary, ontology)
    verdicts = {mids: rule.verdict(mids) for mids in set(labels.values())}
    candidates: dict[str, tuple[SoundType, ...]] = {}
    left = []
    for name, mids in labels.items():
        verdict = verdicts[mids]
        if isinstance(verdict, str):
            left.append((name, verdict))
        else:
            candidates[name] = verdict
    n_recordings = Counter(kind for types in candidates.values() for kind in types)
    chosen = {
        name: min(types, key=lambda kind: (n_recordings[kind], kind.name))
        for name, types in candidates.items()
    }
    return chosen, tuple(left)


class _Rule:
    def __init__(self, vocabulary: Vocabulary, ontology: Ontology) -> None:
        self._types = {kind: ontology.descendants(kind.mid) for kind in vocabulary.types}
        self._below = {mid: ontology.descendants(mid) for mid in ontology.children}
        noises = self._mids("noise")
        music = ontology.descendants(MUSIC)
        self._spoils_noise = (music | ontology.descendants(HUMAN_VOICE)) - noises
        self._spoils_music = ontology.descendants(SPEECH) - self._mids("music")

    def _mids(self, label: str) -> Labels:
        of_label = [mids for kind, mids in self._types.items() if kind.label == label]
        return frozenset().union(*of_label)

    def verdict(self, labels: Labels) -> tuple[SoundType, ...] | str:
        """The types to choose from, or why there are none."""
        named = [kind for kind, mids in self._types.items() if mids & labels]
        types = tuple(
            kind
            for kind in named
            if not any(other.mid in self._types[kind] for other in named if other != kind)
        )
        specific = {mid for mid in labels if self._below.get(mid, {mid}) & labels == {mid}}
        kinds = {kind.label for kind in types}
        if not kinds:
            return NO_TYPE
        if len(kinds) > 1:
            return NOISE_IN_MUSIC
        if kinds == {"noise"} and specific & self._spoils_noise:
            return IMPURE_NOISE
        if kinds == {"music"} and specific & self._spoils_music:
            return SPEECH_IN_MUSIC
        if len({kind.domain for kind in types}) > 1:
            return SEVERAL_DOMAINS
        if kinds == {"music"} and len(types) > 1:
            return SEVERAL_GENRES
        return types
