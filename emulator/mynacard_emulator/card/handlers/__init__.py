"""One file a command family, named for the command."""
