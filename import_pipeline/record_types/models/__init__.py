"""The record types, one Pandera model a file; the name of the file is the name of the record type."""
