"""The quality run of text conditioning, `make bench-text`: captioned shapes, and captioned digits."""
