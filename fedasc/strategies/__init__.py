"""What the server makes of summaries."""
