"""The SavedModel and the sample grids."""
