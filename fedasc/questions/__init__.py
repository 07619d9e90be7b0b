"""Questions to users about moments of their days, and what their answers tell of a mixture."""
