"""The embedded classifier and its teachers."""
