"""Stories as typed data, one file a family."""
