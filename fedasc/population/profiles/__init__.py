"""Profiles of users that come with fedasc, as TOML files."""
