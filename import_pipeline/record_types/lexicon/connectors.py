"""Words between two values of one cell: 'a@example.com or b@example.com'."""

CONNECTORS = frozenset(
    ("and", "or", "und", "oder", "et", "ou", "y", "o", "e", "en", "of", "i", "lub", "och", "eller", "og", "&", "+")
)
