"""The models of the sandbox: their records, filters, and who may see them."""
