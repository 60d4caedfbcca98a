"""The metrics of generated clips, a file per idea. `registry` lists those that compare two samples."""
