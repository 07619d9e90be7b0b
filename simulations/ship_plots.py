#!/usr/bin/env python
"""Make the library of plots that reports carry, from packages that npm has installed.

npm install --prefix plots vega@6.4.0 vega-lite@6.4.3 vega-embed@7.3.0
simulations/ship_plots.py plots/node_modules
"""

import gzip
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ASSETS = Path(__file__).parents[1] / "fedasc" / "report" / "browser" / "assets"
BUNDLES = (
    "vega/build/vega.min.js",
    "vega-lite/build/vega-lite.min.js",
    "vega-embed/build/vega-embed.min.js",
)


def ship(modules: Path, assets: Path = ASSETS) -> None:
    """Write the library as one compressed script, and the licences of all that is in it."""
    parts = [
        (modules / bundle).read_text().partition("//# sourceMappingURL")[0] for bundle in BUNDLES
    ]
    script = "\n;\n".join(parts)
    (assets / "vega.js.gz").write_bytes(gzip.compress(script.encode(), 9, mtime=0))
    names = sorted(set(_needed(modules, ("vega", "vega-lite", "vega-embed"))))
    (assets / "vega.LICENSES.txt").write_text("\n".join(_licences(modules, names)))


def _needed(modules: Path, names: tuple[str, ...]) -> Iterator[str]:
    """Packages, and all that they need."""
    todo, done = list(names), set[str]()
    while todo:
        name = todo.pop()
        if name not in done and (modules / name).is_dir():
            done.add(name)
            todo += _about(modules / name).get("dependencies", {})
    yield from done


def _about(package: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((package / "package.json").read_text())
    return content


def _licences(modules: Path, names: list[str]) -> Iterator[str]:
    """Every text once, below the packages that it is of."""
    by_text: dict[str, list[str]] = {}
    for name in names:
        about = _about(modules / name)
        files = sorted(file for file in (modules / name).iterdir() if _is_licence(file))
        text = files[0].read_text().strip() if files else f"Licence: {about.get('license')}"
        by_text.setdefault(text, []).append(f"{name} {about['version']}")
    for text, packages in by_text.items():
        yield f"{', '.join(packages)}\n\n{text}\n\n{'-' * 80}\n"


def _is_licence(file: Path) -> bool:
    return file.stem.lower() == "license"


if __name__ == "__main__":
    ship(Path(sys.argv[1]))
