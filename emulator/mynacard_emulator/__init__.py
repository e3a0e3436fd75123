"""A software My Number Card and the world it lives in."""
