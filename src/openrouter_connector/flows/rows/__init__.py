"""Read the rows of a batch: tables, lines of text, or files. Nothing here sends anything."""

from .sources import FORMATS, Row, RowSource, open_source, source_of

__all__ = ["FORMATS", "Row", "RowSource", "open_source", "source_of"]
