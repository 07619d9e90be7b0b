"""Recordings, their split, and the users and windows drawn from them."""
