# ruff: noqa: RUF001 (words and digits of many scripts are what this is about)
"""Yes and no, as tools and people write them, and TRUE and FALSE as spreadsheets show them in each language.

Only words that mean the same in all of the languages. Turkish ones stand in both forms that their capitals may get.
"""

TRUE: tuple[str, ...] = (
    "true", "yes", "y", "t", "1", "on", "enabled", "checked",
    "ja", "wahr", "oui", "vrai", "sí", "si", "verdadero", "sì", "vero", "sim", "verdadeiro", "tak", "prawda", "да",
    "waar", "sant", "sand", "sann", "kyllä", "tosi", "ano", "áno", "pravda", "igen", "igaz", "evet", "doğru",
    "истина", "так", "ναι", "αληθές", "はい", "是", "真", "예", "네", "참",
)  # fmt: skip
FALSE: tuple[str, ...] = (
    "false", "no", "n", "f", "0", "off", "disabled", "unchecked",
    "nein", "falsch", "nee", "non", "faux", "falso", "não", "nao", "nie", "fałsz", "nej", "nei", "нет",
    "onwaar", "falskt", "falsk", "usann", "ei", "epätosi", "ne", "nepravda", "nem", "hamis", "hayır", "hayir", "yanlış",
    "yanliş", "ложь", "ні", "όχι", "ψευδές", "いいえ", "否", "假", "아니요", "아니오", "거짓",
)  # fmt: skip
MARKS = ("x", "✓", "✔", "☑", "✅")
"""Signs for yes."""
EMPTY_BOXES = ("☐", "✗", "✘", "❌")
"""Signs for no."""
