"""Runs: the main job, its folder, and how it goes on after an interruption."""
