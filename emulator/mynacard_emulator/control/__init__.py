"""A world steered from outside, in any language: HTTP and JSON on a Unix socket, or on loopback with a token."""
