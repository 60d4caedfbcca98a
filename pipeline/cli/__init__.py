"""The `mocogan` command, a file for each command."""
