"""What `fedasc --version` tells: what has to be said of a result, or of a defect."""

import typer

_PACKAGES = ("numpy", "scipy", "scikit-learn", "numba", "torch", "flwr", "ray")
"""On which results or the way to them depend."""


def versions() -> dict[str, str]:
    """Of fedasc, Python and the packages that matter most, by name."""
    import platform

    return {
        "fedasc": _version("fedasc"),
        "Python": platform.python_version(),
        **{name: _version(name) for name in _PACKAGES},
    }


def show_version(asked: bool) -> None:
    """Print them and end, if asked."""
    if asked:
        import platform

        ours, *others = (f"{name} {number}" for name, number in versions().items())
        typer.echo(f"{ours}\n{', '.join(others)}\n{platform.platform()}")
        raise typer.Exit


def _version(name: str) -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(name)
    except PackageNotFoundError:
        return "(not installed)"
