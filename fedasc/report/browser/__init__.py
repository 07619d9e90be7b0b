"""Results as a page for browsers: one file that needs no network, with tables, plots and sounds."""
