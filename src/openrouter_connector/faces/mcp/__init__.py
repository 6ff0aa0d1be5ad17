"""The MCP face: every action is a tool of an agent, its files are resources.

    transports ─▶ server ─▶ tools (what there is) · calls ─▶ files ─▶ Session ─▶ content | failures
                        └─▶ resources · prompts · completions

`server.create_server` puts it together, `transports` serves it. Needs the extra `mcp`; `tools`
alone needs nothing, so that the list of tools can be exported without it.
"""
