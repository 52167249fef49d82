"""Bytes to rows: the bucket, claims, encoding and dialect, one module for each format."""
