"""Archives in the data folder, which are read in place."""
