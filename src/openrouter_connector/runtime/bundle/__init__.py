"""Many requests of other actions in one call, which the API answers later."""
