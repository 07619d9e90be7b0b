"""Builders: each reads the layout of one published corpus and lists its recordings."""
