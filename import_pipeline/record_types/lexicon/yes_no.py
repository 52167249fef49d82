"""Yes and no, as tools and people write them. Only words that mean the same in all of the languages."""

TRUE: tuple[str, ...] = (
    "true", "yes", "y", "t", "1", "on", "enabled", "checked",
    "ja", "wahr", "oui", "vrai", "sí", "si", "verdadero", "sì", "vero", "sim", "verdadeiro", "tak", "prawda", "да",
)  # fmt: skip
FALSE: tuple[str, ...] = (
    "false", "no", "n", "f", "0", "off", "disabled", "unchecked",
    "nein", "falsch", "nee", "non", "faux", "falso", "não", "nao", "nie", "fałsz", "nej", "nei", "нет",
)  # fmt: skip
MARKS = ("x", "✓", "✔", "☑", "✅")
"""Signs for yes."""
EMPTY_BOXES = ("☐", "✗", "✘", "❌")
"""Signs for no."""
