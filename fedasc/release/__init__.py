"""The release stage: what may leave a device, at its boundary."""
