"""Offer the connector on the command line, over HTTP and over MCP.

Each face maps the same calls and the same errors to the conventions of its own world.
"""
