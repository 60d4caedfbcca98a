"""The page, its clips and its files."""
