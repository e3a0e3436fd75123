"""The program on the user's computer that a login page asks for the card: a client behind HTTP on loopback."""
