"""By hand, with sound of one's own: what a device and a server do of a night, as files."""
