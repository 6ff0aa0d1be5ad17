"""Read, understand, check and write flows. Needs no extra and starts nothing."""
