"""What a release gives away, measured by attacks, and what bounds it."""
