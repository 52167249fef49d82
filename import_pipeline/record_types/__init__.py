"""What can be imported: one Pandera model a file, its field types and its rules."""
