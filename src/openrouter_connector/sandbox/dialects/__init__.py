"""How a completion is returned: chat events, an Anthropic message, or a Responses response."""
