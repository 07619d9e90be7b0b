"""What the paper's experiments are made of: a settings file with a section [study]."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from fedasc.config import from_mapping, given, read_toml
from fedasc.errors import SettingsError
from fedasc.population.profile import Profiles
from fedasc.settings import Settings, settings_of


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Which points a study has.

    Args:
        n_repetitions: Each splits the corpus anew by group; repetition i has the seed plus i.
        components: N with diagonal covariances, for the distant users.
        full_components: N with full covariances, likewise.
        typical: Profiles whose users figure 3 shows.
        distant: Profiles whose users figure 4 shows.
        why: Find out of every point how it came about; costs more than the point itself.
    """

    n_repetitions: int = 10
    components: tuple[int, ...] = (1, 2, 4, 8, 16, 32, 64)
    full_components: tuple[int, ...] = (4,)
    typical: tuple[str, ...] = ("U1", "U2")
    distant: tuple[str, ...] = ("U3", "U4")
    why: bool = True

    def __post_init__(self) -> None:
        if self.n_repetitions < 1:
            raise SettingsError(f"repetitions must be at least 1, got {self.n_repetitions}")
        for name in ("components", "full_components"):
            counts = getattr(self, name)
            if len(set(counts)) < len(counts) or any(n < 1 for n in counts):
                raise SettingsError(f"{name} must be different numbers from 1 up, got {counts}")
        if not self.components or not self.typical or not self.distant:
            raise SettingsError("components, typical and distant must name at least one each")
        if len(set(self.users)) < len(self.users):
            raise SettingsError("typical and distant must be different users")

    @property
    def users(self) -> tuple[str, ...]:
        return (*self.typical, *self.distant)


def read_preset(
    name: str,
    *,
    seed: int | None = None,
    n_repetitions: int | None = None,
    profiles: Profiles | None = None,
) -> tuple[Settings, Plan]:
    """The settings and the plan in a file, or of a preset that comes along: cpu, method or paper.

    Args:
        name: Of the preset, or a path.
        seed: In place of the file's.
        n_repetitions: In place of the file's.
        profiles: Whose users' settings hold where the file says nothing.

    Raises:
        SettingsError: If they can't be used.
    """
    where, content = preset_content(name)
    return plan_and_settings(
        content, where=where, seed=seed, n_repetitions=n_repetitions, profiles=profiles
    )


def preset_content(name: str) -> tuple[str, dict[str, Any]]:
    """Where a preset stands, and what it says.

    Args:
        name: Of a preset that comes with fedasc, or a path.

    Raises:
        SettingsError: If there is no such file, or it isn't TOML.
    """
    folder = Path(str(files("fedasc.presets")))
    shipped = {path.stem: path for path in folder.glob("*.toml")}
    path = shipped.get(name, Path(name))
    if not path.is_file():
        raise SettingsError(
            f"{name}: no such preset or file; give the path of a TOML file or one of "
            f"{', '.join(sorted(shipped))}"
        )
    return str(path), dict(read_toml(path))


def plan_and_settings(
    content: Mapping[str, Any],
    *,
    where: str,
    seed: int | None,
    n_repetitions: int | None,
    profiles: Profiles | None = None,
) -> tuple[Settings, Plan]:
    """What a preset's content means.

    Raises:
        SettingsError: If it can't be used.
    """
    if "n_clients" in content:
        raise SettingsError(f"{where}: n_clients has no place here; a study has a user per profile")
    settings = {"probes": [], **{key: value for key, value in content.items() if key != "study"}}
    plan = content.get("study", {})
    if isinstance(plan, Mapping):
        plan = {**plan, **given({"n_repetitions": n_repetitions})}
    return (
        settings_of({**settings, **given({"seed": seed})}, where=where, profiles=profiles),
        from_mapping(_Plan, {"study": plan}, where=where).study,
    )


@dataclass(frozen=True, kw_only=True)
class _Plan:
    study: Plan
