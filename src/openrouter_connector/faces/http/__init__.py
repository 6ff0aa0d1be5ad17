"""The HTTP face: the same calls and errors as in Python, for canvases, browsers and programs.

    envelope ─▶ hosts ─▶ origins (CORS) ─▶ door (who asks) ─▶ limits ─▶ endpoints ─▶ sessions

`app.create_app` puts it together, `server.serve` listens. Needs the extra `server`.
"""
