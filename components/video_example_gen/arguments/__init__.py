"""What the arguments of VideoExampleGen mean: the folder to read and the shares of the splits."""
