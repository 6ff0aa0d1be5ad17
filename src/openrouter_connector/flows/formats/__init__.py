"""Read, understand, check and write flows. Needs no extra and starts nothing."""

from .exporters import Exported, export_flow
from .importers import Imported, import_flow
from .report import Fix, FixUpReport

__all__ = ["Exported", "Fix", "FixUpReport", "Imported", "export_flow", "import_flow"]
