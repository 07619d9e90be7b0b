"""What a run leaves behind: tables, plots and files."""
