"""The authority's side of a card's life: registry, counter, kiosk, hotline, certification."""
