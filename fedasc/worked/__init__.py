"""Plug-ins that work, of which `fedasc plugin new` makes others' first ones."""
