"""The command `fedasc users`, as a researcher uses it."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from click.testing import Result
from typer.testing import CliRunner

import fedasc.world
from fedasc.cli.main import app
from fedasc.config import read_toml
from fedasc.corpus.division import open_division
from fedasc.corpus.library import Library, Surroundings
from fedasc.corpus.manifest import read_manifest
from fedasc.corpus.parts import USER_PARTS
from fedasc.population.profile import find_profiles
from fedasc.population.roster import read_roster, write_roster
from fedasc.population.sources import SourceCounts
from fedasc.population.users import User
from fedasc.runs.inputs import Inputs
from fedasc.runs.settings_file import write_settings
from fedasc.seeds import Streams
from fedasc.settings import settings_of
from fedasc.world import build_world

KINDS = (
    ("noise", "domestic", "fan"),
    ("noise", "domestic", "hair dryer"),
    ("noise", "urban", "motor"),
    ("noise", "urban", "crowd"),
    ("music", "", "pop"),
    ("music", "", "jazz"),
    ("speech", "", "read"),
)
HEAD = "path,label,type,domain,group"
PROFILES = """
[baseline]
noise = ["fan"]
music = ["pop"]
[users.home]
noise = { "hair dryer" = 1, fan = 1 }
music = ["pop"]
[users.town]
noise = { urban = 1 }
music = ["jazz"]
concentration = 5
"""


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One cache for all, so that recordings are decoded once."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FEDASC_CACHE", str(folder))
        yield folder


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus of ten groups of each type, a recording each."""
    folder = tmp_path_factory.mktemp("corpus")
    rng = np.random.default_rng(0)
    lines = [HEAD]
    for n in range(10 * len(KINDS)):
        label, domain, kind = KINDS[n % len(KINDS)]
        soundfile.write(folder / f"{n}.wav", 0.1 * rng.normal(size=160_000), 16_000)
        lines.append(f"{n}.wav,{label},{kind},{domain},g{n}")
    (folder / "manifest.csv").write_text("\n".join(lines) + "\n")
    return folder / "manifest.csv"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test stands in a folder of its own, with a file of profiles."""
    monkeypatch.chdir(tmp_path)
    Path("profiles.toml").write_text(PROFILES)


def run(*arguments: object) -> Result:
    given = ["users", "--workers", 1, *arguments]
    return CliRunner().invoke(app, [str(argument) for argument in given])


def drawn(*arguments: object, out: str = "users.csv") -> str:
    """The file of users that was written."""
    result = run(*arguments, "--out", out)
    assert result.exit_code == 0, result.output
    return Path(out).read_text()


def test_settings_of_a_run_draw_its_users_from_its_recordings(manifest: Path) -> None:
    asked = drawn("--corpus", manifest, "--profiles", "profiles.toml", "--clients", 5, "--seed", 4)
    folder = Path("run")
    folder.mkdir()
    inputs = Inputs(
        settings=settings_of({"n_clients": 5, "seed": 4}, where="tests"),
        corpora=[read_manifest(manifest)],
        profiles=find_profiles("profiles.toml"),
    )
    write_settings(folder, inputs, command="")
    assert drawn("--settings", folder / "settings.toml", out="again.csv") == asked
    seed = ("--settings", folder / "settings.toml", "--seed", 5)
    assert drawn(*seed, out="other.csv") != asked


def library_of(manifest: Path, seed: int = 1) -> Library:
    """The library as a run with the same seed has it."""
    return open_division([read_manifest(manifest)], seed=seed).library


def again(manifest: Path, path: str = "users.csv", profiles: str = "profiles.toml") -> list[User]:
    """The users in a file, as a run reads them."""
    library = library_of(manifest)
    known = find_profiles(profiles).known(library)
    return list(read_roster(Path(path), library=library, known=known, streams=Streams(1)))


def test_users_are_drawn_from_a_file_of_profiles_and_come_back(manifest: Path) -> None:
    result = run("--corpus", manifest, "--profiles", "profiles.toml", "--clients", 5)
    assert result.exit_code == 0, result.output
    assert " ".join(result.stdout.split()) == (
        "5 users in users.csv, a picture of them in users.png"
    )
    users = again(manifest)
    assert [user.profile for user in users] == ["home", "town", "home", "town", "home"]
    assert {user.surroundings.noise_types for user in users[::2]} == {("fan", "hair dryer")}
    assert {user.surroundings.genres for user in users[1::2]} == {("jazz",)}
    with Path("users.csv").open(newline="") as file:
        distances = [row["distance"] for row in csv.DictReader(file)]
    assert distances == [f"{user.distance:.4f}" for user in users]
    assert Path("users.png").read_bytes().startswith(b"\x89PNG")
    assert {path.name for path in Path().iterdir()} == {
        *("profiles.toml", "users.csv", "users.png", "users.pdf", "users.svg")
    }


def test_users_bring_the_settings_of_their_profiles_along(manifest: Path) -> None:
    settings = "[settings.users]\nfamiliarity = 0.5\nn_sources = { noise = 1 }\n"
    Path("profiles.toml").write_text(settings + PROFILES)
    Path("settings.toml").write_text("[users]\nfamiliarity = 0.25\n")
    drawn("--corpus", manifest, "--profiles", "profiles.toml", "--settings", "settings.toml")
    users = again(manifest)
    assert len(users) == 50
    assert {user.familiarity for user in users} == {0.25}
    assert {user.n_sources for user in users} == {SourceCounts(noise=1)}


@pytest.mark.parametrize("command", ["users", "run", "compare", "choose", "paper"])
def test_every_command_takes_the_settings_of_profiles(command: str, manifest: Path) -> None:
    Path("profiles.toml").write_text(f"[settings.users]\nfamiliarity = 2.0\n{PROFILES}")
    options = ["--corpus", str(manifest), "--profiles", "profiles.toml"]
    result = CliRunner().invoke(app, [command, *options])
    assert result.exit_code == 2
    told = " ".join(result.output.split())
    assert "profiles.toml, [settings.users]: users: familiarity must lie between 0 and 1" in told


def test_users_in_json(manifest: Path) -> None:
    result = run("--corpus", manifest, "--profiles", "profiles.toml", "--clients", 3, "--json")
    assert json.loads(result.stdout) == {
        "file": "users.csv",
        "picture": "users.png",
        "n_users": 3,
        "n_by_profile": {"home": 2, "town": 1},
    }


def test_the_shipped_profile_dirichlet_makes_everybody_hear_everything(manifest: Path) -> None:
    drawn("--corpus", manifest, "--profiles", "dirichlet", "--clients", 4)
    users = again(manifest, profiles="dirichlet")
    assert {user.profile for user in users} == {"anybody"}
    assert {user.surroundings.noise_types for user in users} == {
        ("crowd", "fan", "hair dryer", "motor")
    }
    assert len({user.surroundings.noise_weights for user in users}) == 4


@pytest.mark.usefixtures("pixels")
def test_the_seed_decides_to_the_last_byte(manifest: Path) -> None:
    line = ["--corpus", manifest, "--profiles", "profiles.toml", "--clients", 3]
    one, same, default, other = (
        drawn(*line, *seed, out=f"{n}.csv")
        for n, seed in enumerate((("--seed", 1), ("--seed", 1), (), ("--seed", 2)))
    )
    assert one == same == default != other
    pictures = [Path(f"{n}.png").read_bytes() for n in range(4)]
    assert pictures[0] == pictures[1] == pictures[2] != pictures[3]


def test_settings_come_from_a_file_and_options_go_before_them(manifest: Path) -> None:
    Path("settings.toml").write_text(
        "n_clients = 7\nseed = 3\n[users]\ngain_spread_db = 0\ndrift = 0.25\n"
    )
    line = ["--corpus", manifest, "--profiles", "profiles.toml"]
    drawn(*line, "--settings", "settings.toml", "--seed", 1)
    users = again(manifest)
    assert len(users) == 7
    assert {(user.microphone.gain_db, user.drift) for user in users} == {(0.0, 0.25)}
    drawn(*line, "--clients", 2, out="two.csv")
    two = again(manifest, "two.csv")
    assert [user.shares for user in two] == [user.shares for user in users[:2]]
    assert all(user.microphone.gain_db for user in two)


def test_the_dirichlet_partitioner_gives_users_shares_of_their_own(manifest: Path) -> None:
    line = ["--corpus", manifest, "--profiles", "profiles.toml", "--clients", 2]
    line += ["--partitioner", "dirichlet"]
    text = drawn(*line, "--concentration", 1)
    users = again(manifest)
    assert [user.profile for user in users] == ["dirichlet"] * 2
    heard = [user.surroundings.weights("noise") for user in users]
    assert [sum(weights.values()) for weights in heard] == [pytest.approx(1)] * 2
    assert heard[0] != heard[1]
    assert drawn(*line, "--concentration", 1, out="same.csv") == text
    for further in (["--concentration", 100], ["--concentration", 1, "--by", "domain"]):
        assert drawn(*line, *further, out="other.csv") != text


def test_the_natural_partitioner_gives_each_user_a_value_in_turn(manifest: Path) -> None:
    line = ["--corpus", manifest, "--profiles", "profiles.toml", "--clients", 6]
    drawn(*line, "--partitioner", "natural")
    users = again(manifest)
    heard = [user.surroundings.noise_types for user in users]
    assert set(heard[:4]) == {("fan",), ("hair dryer",), ("motor",), ("crowd",)}
    assert heard[4:] == heard[:2]
    assert {user.surroundings.genres for user in users} == {("pop",), ("jazz",)}
    drawn(*line, "--partitioner", "natural", "--by", "domain", out="domains.csv")
    domains = {frozenset(u.surroundings.noise_types or ()) for u in again(manifest, "domains.csv")}
    assert domains == {frozenset({"fan", "hair dryer"}), frozenset({"motor", "crowd"})}


def with_fans_by_day(manifest: Path) -> Path:
    """A manifest of the same recordings, most fans of which are to be heard by day."""
    head, *lines = manifest.read_text().splitlines()
    fans = [n for n, line in enumerate(lines) if ",fan," in line]
    parts = dict.fromkeys(fans, "aggregation") | dict.fromkeys(fans[:3], "evaluation")
    marked = [f"{line},{parts.get(n, '')}" for n, line in enumerate(lines)]
    path = manifest.with_name("fans_by_day.csv")
    path.write_text("\n".join([f"{head},split", *marked]) + "\n")
    return path


@pytest.mark.parametrize("nested", [False, True])
def test_users_are_those_that_a_run_with_the_same_settings_draws(
    nested: bool, manifest: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = with_fans_by_day(manifest)  # so the server has none, and nobody in its part
    Path("settings.toml").write_text(f"n_clients = 4\nnested = {str(nested).lower()}\n")
    line = ["--corpus", manifest, "--profiles", "dirichlet", "--settings", "settings.toml"]
    users = drawn(*line)
    assert ("fan" in users) != nested
    for trains in ("kept_server", "with_student"):  # and draw nobody
        monkeypatch.setattr(fedasc.world, trains, lambda *_, **__: None)
    settings = settings_of(read_toml(Path("settings.toml")), where="settings.toml")
    profiles = find_profiles("dirichlet")
    world = build_world(settings, [read_manifest(manifest)], profiles)
    write_roster(Path("run.csv"), world.scenario.users)
    assert users == Path("run.csv").read_text()


def test_partitions_are_made_of_what_users_hear_by_day(manifest: Path) -> None:
    """One partition holds them all, so its weights are the shares of recordings."""
    manifest = with_fans_by_day(manifest)
    line = ["--corpus", manifest, "--profiles", "profiles.toml", "--clients", 1]
    drawn(*line, "--partitioner", "iid")
    (user,) = again(manifest)
    by_day = library_of(manifest).shares(USER_PARTS[0], "noise", Surroundings())
    assert by_day["fan"] > 0.4
    assert user.surroundings.weights("noise") == pytest.approx(by_day)


def without(manifest: Path, label: str) -> Path:
    """A manifest of the same recordings but for one label."""
    lines = [line for line in manifest.read_text().splitlines() if f",{label}," not in line]
    path = manifest.with_name(f"no_{label}.csv")
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--profiles", "none.toml"], "none.toml: no such file"),
        (
            ["--profiles", "wide"],
            "the corpus has no music 'pop_funk'; it has jazz, pop; name these",
        ),
        (["--profiles", "profiles.toml", "--clients", 0], "clients must be at least 1, got 0"),
        (["--profiles", "profiles.toml", "--seed", -1], "seed must not be negative, got -1"),
        (["--settings", "profiles.toml"], "profiles.toml: unknown setting 'baseline'"),
        (["--corpus", "none.csv"], "none.csv: no such manifest"),
        (
            ["--profiles", "profiles.toml", "--partitioner", "fair"],
            "unknown partitioner 'fair'; use one of dirichlet, iid, natural, pathological",
        ),
        (
            ["--profiles", "profiles.toml", "--partitioner", "iid", "--clients", 500],
            "recordings (",
        ),
        (
            ["--profiles", "profiles.toml", "--partitioner", "natural", "--by", "path"],
            "can't divide by 'path'; use one of label, type, domain, group",
        ),
        (
            ["--profiles", "profiles.toml", "--partitioner", "dirichlet", "--concentration", 0],
            "concentration positive and finite, got",
        ),
    ],
)
def test_bad_input_gives_one_line_and_writes_nothing(
    arguments: list[object], reason: str, manifest: Path
) -> None:
    refused(["--corpus", manifest, *arguments], reason)


def refused(arguments: list[object], reason: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2, result.output
    assert reason in result.output
    assert len(result.output.strip().splitlines()) == 2, "that it starts, and why it ends"
    assert [path.name for path in Path().iterdir()] == ["profiles.toml"]


@pytest.mark.parametrize("partitioner", [None, "dirichlet", "natural"])
@pytest.mark.parametrize("label", ["noise", "music", "speech"])
def test_a_corpus_that_lacks_a_label_is_refused(
    label: str, partitioner: str | None, manifest: Path
) -> None:
    line: list[object] = ["--corpus", without(manifest, label), "--profiles", "profiles.toml"]
    line += ["--clients", 2, *(["--partitioner", partitioner] if partitioner else [])]
    refused(line, label)


@pytest.mark.parametrize("place", ["", "profiles.toml/users.csv"], ids=["folder", "below a file"])
def test_a_file_that_cannot_be_written_is_named(place: str, manifest: Path) -> None:
    out = Path.cwd() / place
    line: list[object] = ["--corpus", manifest, "--profiles", "profiles.toml", "--clients", 2]
    refused([*line, "--out", out], str(out))
    assert not out.with_suffix(".png").exists()


def test_the_picture_does_not_take_the_place_of_the_users(manifest: Path) -> None:
    line: list[object] = ["--corpus", manifest, "--profiles", "profiles.toml", "--clients", 2]
    refused([*line, "--out", "users.png"], "users.png")
