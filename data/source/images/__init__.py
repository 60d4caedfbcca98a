"""Images of a data folder: which of them are frames of a video."""
