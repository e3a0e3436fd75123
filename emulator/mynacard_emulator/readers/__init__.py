"""How a card meets software: in-process, the virtual reader, a private PC/SC stack."""
