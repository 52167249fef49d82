"""What `ImportService` does, one errand a module: executing, showing, uploading, undoing, replaying, resuming.

Doors do not come here; they call the service (`imports.py`).
"""
