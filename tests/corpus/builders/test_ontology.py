import json
from pathlib import Path

import pytest

from fedasc.corpus.builders.ontology import (
    HUMAN_VOICE,
    IMPURE_NOISE,
    MUSIC,
    NO_TYPE,
    NOISE_IN_MUSIC,
    SEVERAL_DOMAINS,
    SEVERAL_GENRES,
    SPEECH,
    SPEECH_IN_MUSIC,
    Ontology,
    read_ontology,
    types_by_labels,
)
from fedasc.corpus.vocabulary import SoundType, Vocabulary
from fedasc.errors import CorpusError

SOUNDS = Ontology(
    {
        MUSIC: ("singing", "rock", "blues", "bell", "guitar"),
        HUMAN_VOICE: (SPEECH, "singing", "laughter", "toddlers"),
        SPEECH: ("monologue", "talking blues"),
        "weather": ("wind", "rain"),
        "wind": ("leaves", "howl"),
        "leaves": ("crunch",),
        "rock": ("metal",),
        "metal": ("thrash",),
        "blues": ("talking blues",),
        "bell": ("church bell",),
        "babble": ("toddlers",),
    }
    | dict.fromkeys(("rain", "fan", "dog", "guitar", "howl", "laughter", "monologue"), ())
)
VOCABULARY = Vocabulary(
    tuple(
        SoundType(name=name, label=label, domain=domain, mid=name)
        for name, label, domain in (
            ("wind", "noise", "nature"),
            ("leaves", "noise", "nature"),
            ("rain", "noise", "nature"),
            ("fan", "noise", "domestic"),
            ("bell", "noise", "urban"),
            ("babble", "noise", "urban"),
            ("rock", "music", ""),
            ("metal", "music", ""),
            ("blues", "music", ""),
        )
    )
)


def verdicts(**labels: str) -> dict[str, str]:
    """Name of the type or reason by recording; labels are separated by commas."""
    types, left = types_by_labels(
        {name: frozenset(text.split(",")) for name, text in labels.items()},
        vocabulary=VOCABULARY,
        ontology=SOUNDS,
    )
    assert {*types, *(name for name, _ in left)} == set(labels)
    return {name: kind.name for name, kind in types.items()} | dict(left)


def written(folder: Path, content: object) -> Path:
    path = folder / "ontology.json"
    path.write_text(json.dumps(content))
    return path


def test_descendants_are_a_sound_and_all_kinds_of_it() -> None:
    assert SOUNDS.descendants("wind") == {"wind", "leaves", "crunch", "howl"}
    assert SOUNDS.descendants("rain") == {"rain"}


def test_a_sound_descends_from_each_of_its_parents() -> None:
    assert "toddlers" in SOUNDS.descendants("babble") & SOUNDS.descendants(HUMAN_VOICE)


def test_a_circle_has_an_end() -> None:
    assert Ontology({"a": ("b",), "b": ("a",)}).descendants("a") == {"a", "b"}


def test_a_sound_that_is_not_listed_is_named() -> None:
    with pytest.raises(CorpusError, match="has no /m/unknown"):
        SOUNDS.descendants("/m/unknown")


def test_the_file_is_a_list_of_sounds_with_their_children(tmp_path: Path) -> None:
    sound = {"id": "a", "name": "A", "restrictions": ["abstract"], "child_ids": ["b"]}
    path = written(tmp_path, [sound, {"id": "b", "name": "B", "child_ids": []}])
    assert read_ontology(path) == Ontology({"a": ("b",), "b": ()})


def test_a_missing_file_can_be_had_from_audioset(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"ontology\.json: .*github\.com/audioset/ontology"):
        read_ontology(tmp_path / "ontology.json")


@pytest.mark.parametrize(
    "content", [{"a": []}, ["a"], [{"id": "a"}], [{"child_ids": []}], 3, [{"id": {}}]]
)
def test_another_content_is_refused(content: object, tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"ontology\.json: expected a list of objects"):
        read_ontology(written(tmp_path, content))


def test_a_file_that_is_no_json_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ontology.json"
    path.write_bytes(b"\xff<html>")
    with pytest.raises(CorpusError, match=r"ontology\.json: expected a list of objects"):
        read_ontology(path)


def test_a_sound_below_itself_is_refused(tmp_path: Path) -> None:
    content = [{"id": "a", "child_ids": ["b"]}, {"id": "b", "child_ids": ["a"]}]
    with pytest.raises(CorpusError, match="below itself"):
        read_ontology(written(tmp_path, content))


@pytest.mark.parametrize(
    ("labels", "verdict"),
    [
        ("wind", "wind"),
        ("howl", "wind"),
        ("wind,dog", "wind"),
        ("wind,not in the ontology", "wind"),
        ("dog", NO_TYPE),
        ("weather", NO_TYPE),
        (MUSIC, NO_TYPE),
        # music and voices
        (f"wind,{MUSIC}", IMPURE_NOISE),
        ("wind,guitar", IMPURE_NOISE),
        ("wind,laughter", IMPURE_NOISE),
        ("wind,monologue", IMPURE_NOISE),
        ("wind,singing", IMPURE_NOISE),
        ("babble", "babble"),
        # kinds of a noise type that lie below music and voice too
        ("church bell", "bell"),
        ("toddlers", "babble"),
        ("church bell,guitar", IMPURE_NOISE),
        # labels propagated upwards
        (f"church bell,bell,{MUSIC}", "bell"),
        (f"toddlers,{HUMAN_VOICE}", "babble"),
        (f"toddlers,{HUMAN_VOICE},{SPEECH}", IMPURE_NOISE),
        ("weather,wind,leaves", "leaves"),
        # several noise types
        ("wind,leaves", "leaves"),
        ("howl,crunch", "leaves"),
        ("wind,fan", SEVERAL_DOMAINS),
        ("wind,rock", NOISE_IN_MUSIC),
        # music
        ("rock", "rock"),
        ("thrash", "metal"),
        (f"rock,{MUSIC}", "rock"),
        ("rock,metal", "metal"),
        ("rock,singing", "rock"),
        ("rock,dog", "rock"),
        ("rock,blues", SEVERAL_GENRES),
        ("metal,rock,blues", SEVERAL_GENRES),
        (f"rock,{SPEECH}", SPEECH_IN_MUSIC),
        ("rock,monologue", SPEECH_IN_MUSIC),
        ("talking blues", "blues"),
    ],
)
def test_labels_make_a_type_or_a_reason(labels: str, verdict: str) -> None:
    assert verdicts(it=labels) == {"it": verdict}


def test_the_rarest_type_of_a_domain_counts() -> None:
    found = verdicts(a="leaves,rain", b="leaves", c="rain", d="leaves")
    assert found == {"a": "rain", "b": "leaves", "c": "rain", "d": "leaves"}
    found = verdicts(a="leaves,rain", b="rain", c="rain")
    assert found == {"a": "leaves", "b": "rain", "c": "rain"}


def test_what_is_left_out_makes_no_type_less_rare() -> None:
    found = verdicts(a="wind,rain", b="rain,fan", c=f"rain,{SPEECH}", d="wind")
    assert found["a"] == "rain"


def test_of_equally_rare_types_the_first_by_name_counts() -> None:
    assert verdicts(a="wind,rain") == {"a": "rain"}


def test_a_vocabulary_of_another_ontology_is_refused() -> None:
    other = Ontology({MUSIC: (), HUMAN_VOICE: (), SPEECH: (), "wind": ()})
    with pytest.raises(CorpusError, match="the ontology has no leaves"):
        types_by_labels({}, vocabulary=VOCABULARY, ontology=other)
