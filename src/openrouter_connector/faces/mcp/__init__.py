"""Offer the connector to agents over MCP: actions are tools, and files are resources.

    transports ─▶ server ─┬▶ tools, call_tool ─▶ files ─▶ Session ─▶ result_content | errors
                          └▶ resources, prompts, completions

`server.create_server` builds the server and `transports` runs it. Needs the extra `mcp`; `tools`
needs nothing, so that the list of tools can be exported without the extra.
"""
