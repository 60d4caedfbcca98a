"""Videos stored as still images: film strips and numbered frames."""
