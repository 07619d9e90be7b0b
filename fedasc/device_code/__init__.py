"""The device's half as C code: what leaves Python for a hearing aid, compiled and measured."""
