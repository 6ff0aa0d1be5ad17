"""Make several calls for one action: one per item, or one per part of a long input."""
