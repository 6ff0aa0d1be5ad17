"""Serve OpenAI's API at `/openai/v1`, for OpenAI clients that use a connection of this server.

    request ─▶ client_request ─▶ Relay (audit ─▶ session ─▶ API ─▶ response)

`routes` lists the endpoints, and `errors` gives errors OpenAI's shape. The provider's key stays in
a connection of this server; the key that a client sends is the token of this server.
"""
