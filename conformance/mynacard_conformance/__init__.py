"""A conformance harness for every program that talks to a My Number Card."""
