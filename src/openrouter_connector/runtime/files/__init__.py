"""Store, read, download and recognize files."""
