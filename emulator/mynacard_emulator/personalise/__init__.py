"""Whose card is this: a profile from TOML, certificates and records."""
