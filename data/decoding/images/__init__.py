"""Still images that hold a video: film strips and numbered frames."""
