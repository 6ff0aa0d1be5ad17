"""How one completion goes out: as chat events, as an Anthropic message, as a Responses response."""
