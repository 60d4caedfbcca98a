"""Files that hold several videos: NumPy arrays, and TFRecords of frames."""
