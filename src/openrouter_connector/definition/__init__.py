"""Load and check definitions, and derive forms and exports from them. No HTTP, no clock."""
