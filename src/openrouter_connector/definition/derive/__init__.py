"""Generate what follows from a definition: canvas JSON, schemas, reference pages."""
