"""Generate exports of a definition: ByteChef, canvas JSON, JSON Schemas, reference pages."""
