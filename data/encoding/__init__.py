"""From clips to files that people look at and programs read: one module for each format."""
