"""JSON over HTTP out of a table of verbs: what is promised in OpenAPI, and what is checked, are one thing."""
