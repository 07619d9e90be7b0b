"""What fedasc costs, against what a user would do otherwise; in the checkout, in no wheel."""
