"""The terminal door (typer, rich)."""
