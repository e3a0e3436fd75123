"""Verdicts written for people and machines."""
