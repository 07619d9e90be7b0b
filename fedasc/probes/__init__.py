"""What only a simulation can see of a device: why a night helped its user or not."""
