"""What tests share: servers, files, definitions and callers."""
