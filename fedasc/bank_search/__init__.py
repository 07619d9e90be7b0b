"""Search for better edges of the two filter banks, on the training part of a split."""
