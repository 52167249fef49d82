"""Rows to plan to records: the seven phases, in their order."""
