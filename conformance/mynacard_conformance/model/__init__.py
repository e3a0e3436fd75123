"""The oracle: counts, sets and tables, never bytes."""
