"""Videos that the project draws itself."""
