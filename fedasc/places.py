"""Where fedasc keeps what it makes once."""

import os
from pathlib import Path

import platformdirs


def cache_root() -> Path:
    """The user's cache folder, or where `FEDASC_CACHE` points."""
    return Path(os.environ.get("FEDASC_CACHE") or user_root())


def user_root() -> Path:
    """The user's cache folder, which nobody else can write to."""
    return platformdirs.user_cache_path("fedasc")
