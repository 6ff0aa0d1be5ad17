"""Names that belong to OpenRouter's component alone: no other file can claim its key."""

COMPONENT = "openRouter"
HOST = "openrouter.ai"
SERVER = f"https://{HOST}/api/v1"
VARIABLES = "OPENROUTER_"
"""How the environment variables begin that no other component reads."""
