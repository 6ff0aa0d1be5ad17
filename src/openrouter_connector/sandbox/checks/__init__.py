"""What the API validates in a request before it does anything."""
