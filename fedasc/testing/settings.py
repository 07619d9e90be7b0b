"""What holds for plug-ins of every family: they are values, and can be written down."""

import json
import pickle
from functools import partial

from fedasc.plugins import Plugin, as_section
from fedasc.testing.contract import must, must_succeed
from fedasc.testing.suite import Check, in_words


def check_settings(plugin: Plugin) -> None:
    """Hold that a plug-in is a value that settings files and other processes can have.

    Raises:
        AssertionError: If it isn't, in one line.
    """
    for check in settings_checks(plugin):
        check.run()


def settings_checks(plugin: Plugin) -> list[Check]:
    """What holds for plug-ins of every family, one by one."""
    cures = {
        is_frozen: "write @dataclass(frozen=True, kw_only=True) above the class itself",
        comes_back_from_its_section: (
            "give every field a type that TOML has (numbers, texts, truth values, lists of them) "
            "and check fields in __post_init__ without changing them"
        ),
        comes_back_from_a_pickle: "keep nothing in it but its fields, and no function or open file",
    }
    return [
        Check(
            name=in_words(check),
            run=partial(check, plugin),
            method="__post_init__",
            cure=cure,
        )
        for check, cure in cures.items()
    ]


def is_frozen(plugin: Plugin) -> None:
    """What can be changed after it was checked is no value."""
    parameters = vars(type(plugin)).get("__dataclass_params__")
    seen = "its class has no decorator of its own" if parameters is None else "it isn't frozen"
    holds = parameters is not None and parameters.frozen
    must(plugin, "be a frozen dataclass: @dataclass(frozen=True, kw_only=True)", holds, seen)


def comes_back_from_its_section(plugin: Plugin) -> None:
    """A run goes on from the settings that it wrote as JSON."""
    contract = "be what the section says that its settings are written as"
    with must_succeed(plugin, contract):
        section = json.loads(json.dumps(as_section(plugin)))
        again = type(plugin).from_section(section, where="its section")
    must(plugin, contract, again == plugin, f"of {section} came {again!r}")


def comes_back_from_a_pickle(plugin: Plugin) -> None:
    """Workers get it so."""
    contract = "come out of a pickle as it went in"
    with must_succeed(plugin, contract):
        again = pickle.loads(pickle.dumps(plugin))
    must(plugin, contract, again == plugin, f"{again!r} came out")
