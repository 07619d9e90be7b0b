"""What reports say as JSON."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write it for people to read, too."""
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
