"""Experiments: designs of cells, each of them nights with a record of every device."""
