"""How people are addressed: salutations and titles that stand before a name and are no profession."""

SALUTATIONS = frozenset(
    (
        "mr", "mrs", "ms", "miss", "mx", "master", "madam", "sir", "dame", "lord", "lady", "rev", "reverend", "dr",
        "doctor", "prof", "professor", "hon", "mr and mrs", "mr mrs",
        "herr", "hr", "frau", "fr", "familie", "fam", "fraulein", "herrn", "dr med", "dr phil", "dr ing", "dipl ing",
        "herr und frau", "herr dr", "frau dr", "herr prof", "frau prof", "prof dr", "herr prof dr", "frau prof dr",
        "m", "mme", "mlle", "monsieur", "madame", "mademoiselle", "me", "maitre", "docteur", "m et mme",
        "sr", "sra", "srta", "senor", "senora", "senorita", "don", "dona", "dra",
        "sig", "sig ra", "sigra", "signor", "signora", "signorina", "dott", "dott ssa", "dottssa", "avv", "ing",
        "exmo", "exma", "senhor", "senhora",
        "dhr", "mevr", "mevrouw", "meneer", "mw", "de heer", "drs", "ir",
        "pan", "pani", "panstwo",
        "herre", "fru", "froken",
    )
)  # fmt: skip
"""In the form of `plain`: without case, dots and accents."""
