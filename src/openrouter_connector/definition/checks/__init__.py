"""Check that the words of a definition agree: that names exist, types match, nothing collides."""
