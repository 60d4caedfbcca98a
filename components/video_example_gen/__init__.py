"""VideoExampleGen: a folder of videos -> examples of clips, split by video, and a report on every file."""
