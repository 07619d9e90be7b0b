"""The command `flwr run .`: the main job in Flower's own simulation engine.

What Flower calls the run configuration are options of `fedasc run`, by the same names, and checked
by the same rules. Empty text stands for what isn't given.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_limits

from fedasc.api import asked_corpora, profiles_of
from fedasc.cli.overrides import with_options
from fedasc.errors import SettingsError
from fedasc.execution import Execution
from fedasc.flower.grids import MakeGrid
from fedasc.runs import run as runs
from fedasc.runs.inputs import Inputs
from fedasc.runs.settings_file import Asked, read_settings
from fedasc.settings import settings_of

OPTIONS = (
    *("out", "settings", "corpus", "profiles", "users", "clients", "seed", "teacher"),
    *("aggregator", "components", "strategy", "questions", "nights", "drift", "dropout"),
    *("straggle", "join", "leave", "timeout", "quorum"),
)
_KINDS: Mapping[str, tuple[Sequence[type], str]] = {
    **dict.fromkeys(
        ("clients", "seed", "components", "questions", "nights"), ((int,), "a whole number")
    ),
    **dict.fromkeys(
        ("drift", "dropout", "straggle", "join", "leave", "timeout", "quorum"),
        ((int, float), "a number"),
    ),
}


def simulate(config: Mapping[str, Any], folder: Path, make_grid: MakeGrid) -> None:
    """Do what a run configuration asks for.

    Args:
        config: See `OPTIONS`; `out` is taken care of.
        folder: For the results; must not exist.
        make_grid: Makes what carries messages.

    Raises:
        FedascError: As `fedasc run` does.
    """
    inputs, execution = asked_by(config)
    with threadpool_limits(1):
        runs.run(inputs, folder=folder, execution=execution, make_grid=make_grid)
    print(f"Everything in {folder}")  # noqa: T201 - Flower's log is the terminal here


def asked_by(config: Mapping[str, Any]) -> tuple[Inputs, Execution]:
    """What a run configuration asks for, and when devices are given up.

    Raises:
        FedascError: If it can't be used.
    """
    said = {name: _checked(name, value) for name, value in config.items() if value != ""}
    path = said.get("settings")
    file = read_settings(Path(path)) if path else Asked()
    roster = Path(said["users"]) if "users" in said else file.roster
    if roster and "clients" in said:
        raise SettingsError("give clients or users, not both; a file names all its users")
    corpora = asked_corpora(file, said.get("corpus"))
    who = profiles_of(said.get("profiles") or file.profiles, corpora)
    content = with_options(
        file.settings,
        {
            "n_clients": said.get("clients"),
            "seed": said.get("seed"),
            "teacher": {"name": said.get("teacher")},
            "users": {"drift": said.get("drift")},
            "nights": {
                "n_nights": said.get("nights"),
                **{name: said.get(name) for name in ("dropout", "straggle", "join", "leave")},
            },
            "aggregator": {"name": said.get("aggregator"), "n_components": said.get("components")},
            "strategy": {"name": said.get("strategy"), "n_questions": said.get("questions")},
        },
    )
    inputs = Inputs(
        settings=settings_of(content, where=str(path or "run configuration"), profiles=who),
        corpora=corpora,
        profiles=who,
        roster=roster,
        strict=file.strict,
        teacher_file=file.teacher_file,
        language=file.device_code,
        details=file.details,
        audio=file.audio,
    )
    named = {"timeout": "timeout_s", "quorum": "quorum"}
    return inputs, Execution(**{named[name]: said[name] for name in named if name in said})


def _checked(name: str, value: Any) -> Any:
    """Text or a number, as the option wants it; a path is a full one.

    Raises:
        SettingsError: If it isn't.
    """
    if name not in OPTIONS:
        known = ", ".join(OPTIONS)
        raise SettingsError(f"run configuration: no option {name!r}; there are {known}")
    kinds, words = _KINDS.get(name, ((str,), "text"))
    if type(value) not in kinds:
        raise SettingsError(f"run configuration: {name} must be {words}, got {value!r}")
    return value
