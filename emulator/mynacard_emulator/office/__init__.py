"""Who acts on a card from outside, with documents and a clock."""
