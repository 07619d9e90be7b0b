"""Attacks: what devices send that mean harm."""
