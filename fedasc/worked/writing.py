"""The first file of somebody's plug-in, made of one that works."""

import keyword
import re
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

from fedasc.errors import SettingsError
from fedasc.storage import told


def write_worked(family: str, path: Path) -> tuple[Path, Path, str]:
    """Write a plug-in that works, and a test beside it.

    Args:
        family: aggregator, strategy, probe or teacher.
        path: Of the file; without .py, too.

    Returns:
        The file, its test, and the name of the class.

    Raises:
        SettingsError: If the name can't be one of a module, another module has it, or there is
            such a file already.
    """
    stem = path.name.removesuffix(".py").replace("-", "_")
    if not stem.isidentifier() or keyword.iskeyword(stem):
        raise SettingsError(
            f"{path}: no name of a module; take letters, digits and _, such as my_{family}"
        )
    file = path.with_name(f"{stem}.py")
    test = path.with_name(f"test_{stem}.py")
    for one in (file, test):
        if one.exists():
            raise SettingsError(f"{one}: exists; take another name, nothing is overwritten")
    if _is_taken(stem, file.parent):
        raise SettingsError(
            f"{file}: another module is called {stem!r}, and Python would take that; take another "
            "name"
        )
    class_name = "".join(part[:1].upper() + part[1:] for part in stem.split("_")) or stem
    worked = f"Worked{family.capitalize()}"
    for place, name in ((file, family), (test, f"{family}_test")):
        text = files("fedasc.worked").joinpath(f"{name}.py").read_text(encoding="utf-8")
        text = text.replace(f"fedasc.worked.{family}", stem).replace(worked, class_name)
        text = re.sub(r"\bFILE\.py\b", file.as_posix(), text)
        with told(place):
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8")
    return file, test, class_name


def _is_taken(stem: str, folder: Path) -> bool:
    """Whether Python finds another module by a name first."""
    try:
        spec = find_spec(stem)
    except (ImportError, ValueError):
        return False
    return spec is not None and Path(spec.origin or "").parent.resolve() != folder.resolve()
