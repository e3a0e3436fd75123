"""The judge: plays calls and deeds on a stage, and holds every answer against the truth."""
