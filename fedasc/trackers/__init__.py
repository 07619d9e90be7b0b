"""Trackers of experiments: what runs tell them, and how."""
