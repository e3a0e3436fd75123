"""The services over HTTP: an API with a description, and pages that a person can click through."""
