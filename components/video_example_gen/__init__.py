"""VideoExampleGen: from a folder of videos to examples of clips, split by video, and a report on every file."""
