"""A page as one file: its content as JSON, and all that shows it."""

import gzip
import html
import json
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any

from fedasc.atomic import replaced
from fedasc.report.browser.parts import Part
from fedasc.report.browser.sounds import shelf, shown
from fedasc.report.browser.users import UserBook
from fedasc.report.json_text import known
from fedasc.report.looks import CLASSIFIERS, SCENES
from fedasc.report.sounds.clip import Clip
from fedasc.scenes import SCENE_NAMES

_SCRIPTS = ("elements", "numbers", "tables", "plots", "users", "sounds", "page")
_LEVEL = 6
"""Of compression: the best takes three times as long for a twentieth less."""
SHARED = {
    "classifiers": {name: look.colour for name, look in CLASSIFIERS.items()},
    "scenes": [
        {"name": name.replace("_", " "), "colour": SCENES[name], "key": name}
        for name in SCENE_NAMES
    ],
}
"""What all pages know."""


@dataclass(frozen=True, kw_only=True)
class Page:
    """What stands on a page.

    Args:
        title: Of it.
        lead: Lines below the title.
        sections: See `fedasc.report.browser.parts.section`.
        users: Each has a view of her own.
        clips: To be listened to.
        extra: What else its script knows.
    """

    title: str
    lead: Sequence[str]
    sections: Sequence[Part]
    users: UserBook | None = None
    clips: Sequence[Clip] = ()
    extra: Mapping[str, Any] | None = None


def write_page(path: Path, page: Page) -> None:
    """Write a page; the file appears whole or not at all."""
    with replaced(path) as file:
        for piece in _pieces(page):
            file.write(piece.encode("utf-8", "replace"))


def _pieces(page: Page) -> Iterator[str]:
    script, plots = _script(), _asset("vega.js.gz")
    clips = shown(page.clips)
    content = {
        **SHARED,
        "title": page.title,
        "lead": page.lead,
        "sections": page.sections,
        "clips": [shelf(clip) for clip in clips],
        "n_clips": len(page.clips),
        **(page.extra or {}),
    }
    yield _head(page.title, _policy(script, gzip.decompress(plots).decode()))
    yield _block("content", "application/json", as_json(content))
    if page.users:
        yield _block("users", "application/gzip", _packed(page.users.as_json()))
    yield _block("plots", "application/gzip", b64encode(plots).decode())
    yield _block("licences", "application/gzip", _packed(_asset("vega.LICENSES.txt").decode()))
    yield f"<script>{script}</script>\n"
    for number, clip in enumerate(clips):
        yield _block(f"clip-{number}", "application/json", as_json(shelf(clip, whole=True)))
    yield "</body>\n</html>\n"


def as_json(content: Any) -> str:
    """JSON that no HTML ends: every `<` is escaped, and there is no NaN in it."""
    words = json.dumps(known(content), allow_nan=False, separators=(",", ":"))
    return words.replace("<", "\\u003c")


def _head(title: str, policy: str) -> str:
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{html.escape(title)}</title>\n<style>{_asset('style.css').decode()}</style>\n"
        f"</head>\n<body>\n{_asset('body.html').decode()}"
    )


def _policy(*scripts: str) -> str:
    """What browsers hold a page to: these scripts alone, and nothing from anywhere else."""
    hashes = " ".join(
        f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'" for script in scripts
    )
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data:; "
        "media-src data:; base-uri 'none'; form-action 'none'"
    )


def _block(name: str, kind: str, content: str) -> str:
    return f'<script id="{name}" type="{kind}">{content}</script>\n'


def _packed(content: str) -> str:
    return b64encode(gzip.compress(content.encode(), _LEVEL, mtime=0)).decode()


@cache
def _script() -> str:
    parts = [_asset(f"{name}.js").decode() for name in _SCRIPTS]
    return '"use strict";\n(() => {\n' + "\n".join(parts) + "})();\n"


@cache
def _asset(name: str) -> bytes:
    return (files("fedasc.report.browser") / "assets" / name).read_bytes()
