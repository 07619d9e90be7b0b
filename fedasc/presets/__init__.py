"""Settings files of studies, to use by name or to copy."""
