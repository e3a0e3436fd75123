"""Is this card, and its reader, what it should be? Requirements on raw APDUs, each with the check that tries it."""
