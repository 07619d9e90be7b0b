"""Aggregators and strategies side by side: a grid of them, on the same splits, every cell kept."""
