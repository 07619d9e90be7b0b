import csv
from dataclasses import asdict
from pathlib import Path

from rich.console import Console

from fedasc.corpus.data_sets import Count, DataSet, DataSets, read_data_sets
from fedasc.corpus.vocabulary import Vocabulary, shipped_data_sets
from fedasc.population.profile import BaselineProfile, Profiles, UserProfile, read_profiles
from fedasc.report.data_sets import data_set_table, profiles_text, write_counts

COUNTS = (
    Count("whole", "noise", "fan", 1200, 1200),
    Count("whole", "noise", "hair dryer", 300, 120),
    Count("whole", "music", "pop", 1500, 1500),
    Count("whole", "speech", "", 3000, 2999),
    Count("user", "noise", "fan", 10, 10),
    Count("user", "music", "pop", 10, 10),
    Count("user", "speech", "", 20, 20),
)
SHARES = {"aggregation": 0.5, "evaluation": 0.5}


def shown(*counts: Count, n_listed: int = 3) -> dict[str, str]:
    """The line of each set, with single spaces."""
    console = Console(width=200)
    with console.capture() as capture:
        console.print(data_set_table(counts, n_listed=n_listed))
    lines = [" ".join(line.split()) for line in capture.get().splitlines()]
    return {line.partition(" ")[0]: line.partition(" ")[2] for line in lines}


def profiles_of(folder: Path, data_sets: DataSets) -> Profiles:
    path = folder / "profiles.toml"
    path.write_text(profiles_text(data_sets), encoding="utf-8")
    return read_profiles(path)


def test_a_table_tells_found_and_asked_by_label_and_what_fell_short() -> None:
    lines = shown(*COUNTS)
    assert lines["set"] == "noise music speech all short of"
    assert lines["whole"] == (
        "1,320 (of 1,500) 1,500 2,999 (of 3,000) 5,819 (of 6,000) "
        "hair dryer 120/300, speech 2999/3000"
    )
    assert lines["user"] == "10 10 20 40"


def test_of_many_types_that_fell_short_the_first_are_listed() -> None:
    counts = [Count("whole", "noise", f"n{n}", 2, 1) for n in range(5)]
    start = "5 (of 10) 0 0 5 (of 10) n0 1/2, n1 1/2"
    assert shown(*counts, n_listed=2)["whole"] == f"{start}, and 3 more, see counts.csv"
    assert shown(*counts, n_listed=5)["whole"] == f"{start}, n2 1/2, n3 1/2, n4 1/2"


def test_counts_come_back_from_their_file(tmp_path: Path) -> None:
    write_counts(tmp_path / "counts.csv", COUNTS)
    with (tmp_path / "counts.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert rows == [{k: str(v) for k, v in asdict(count).items()} for count in COUNTS]


def test_profiles_hear_what_the_sets_hold(tmp_path: Path) -> None:
    shipped = read_data_sets(shipped_data_sets())
    found = profiles_of(tmp_path, shipped)
    assert list(found.users) == ["U1", "U2", "U3", "U4"]
    profiles: dict[str, BaselineProfile | UserProfile] = {"baseline": found.baseline}
    for name, profile in (profiles | dict(found.users)).items():
        assert tuple(profile.noise) == shipped.sets[name].noise
        assert profile.music == shipped.sets[name].music
        assert profile.data_set == name
    assert all(set(profile.noise.values()) == {1} for profile in found.users.values())


def test_any_name_comes_back_to_the_letter(tmp_path: Path) -> None:
    names = ('say "hush"', "hair dryer", "Möwe", "a.b", "back\\slash")
    sets = {
        "whole": DataSet(files=8, noise=names, music=("r & b",), shares={"train": 1.0}),
        "baseline": DataSet(files=4, noise=names[:2], music=("r & b",), within="whole"),
        'my "own" set.1': DataSet(files=4, noise=names, music=("r & b",), shares=SHARES),
    }
    found = profiles_of(tmp_path, DataSets("here", Vocabulary(()), sets))
    assert found.baseline.noise == names[:2]
    ((name, profile),) = found.users.items()
    assert (name, profile.data_set) == ('my "own" set.1', 'my "own" set.1')
    assert dict(profile.noise) == dict.fromkeys(names, 1)
    assert profile.music == ("r & b",)
