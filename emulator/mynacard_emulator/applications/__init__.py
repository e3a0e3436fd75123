"""One declared application a file."""
