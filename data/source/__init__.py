"""Contents of the data folder, local or remote: videos, classes, captions and rejected files."""
