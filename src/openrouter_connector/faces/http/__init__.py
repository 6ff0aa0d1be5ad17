"""Offer the connector over HTTP, for canvases, browsers and programs in any language.

    safe_responses ─▶ Host ─▶ CORS ─▶ token ─▶ body_limit ─▶ endpoints ─▶ sessions

`app.create_app` builds the application and `server.serve` runs it. Needs the extra `server`.
"""
