"""The `mocogan` command line, one file per command."""
