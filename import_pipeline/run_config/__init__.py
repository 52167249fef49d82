"""What was asked: the spec, the translation of every accepted vocabulary into it, mapping suggestions."""
