"""Data sets as people download them: a module each, behind the interface in `data_set`."""
