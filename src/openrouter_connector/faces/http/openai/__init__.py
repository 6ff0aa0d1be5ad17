"""`/openai/v1`: OpenRouter behind the OpenAI client, with our retries, errors and cost log.

request ─▶ call ─▶ Relay (audit ─▶ session ─▶ answer) ─▶ what is left to send

`routes` has the endpoints, `errors` the shape in which they fail. The key of the API stays in a
connection of this server; what a client gives as its key is the token of this server.
"""
