"""What lies in the data folder, local or remote: videos, classes, captions, what is refused."""
