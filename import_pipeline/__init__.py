"""Bulk data import on Dagster and DuckDB: a file goes in, records come out, and every row is accounted for."""
