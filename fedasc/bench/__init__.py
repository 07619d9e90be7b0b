"""What fedasc costs, against what a user would do otherwise."""
