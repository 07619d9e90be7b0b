"""Who the users are, how they differ and change, and who takes part in a night."""
