"""Store, open, download and recognize files."""
