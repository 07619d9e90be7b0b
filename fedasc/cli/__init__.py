"""The command line `fedasc`, and what the scripts under simulations share with it."""
