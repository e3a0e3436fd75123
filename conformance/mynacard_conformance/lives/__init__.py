"""Whole lives of a card, drawn at random: every step is foreseen by the oracle, and held against what came of it."""
