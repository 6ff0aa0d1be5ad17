"""The faces of the connector: each maps the same calls and the same errors to its own world."""
