"""The JSON that people exchange."""
