"""What CRMs write for how far somebody is on the way to being a customer.

Constant of the field `status` of contacts → words for it, besides the constant itself. Only words that mean one of the
constants in all tools that were looked at; whatever else a team calls its stages is asked about or told.
"""

STATUS_WORDS: dict[str, tuple[str, ...]] = {
    "lead": (
        "new", "new lead", "open", "open not contacted", "contacted", "attempted to contact", "connected",
        "working contacted", "marketing qualified lead", "mql", "subscriber", "neu", "offen", "nouveau", "nuevo",
        "nuovo", "novo", "nieuw", "nowy", "ny",
    ),
    "prospect": (
        "sales qualified lead", "sql", "qualified", "opportunity", "open deal", "interessent", "interessentin",
    ),
    "customer": (
        "client", "won", "closed won", "converted", "paying", "evangelist", "kunde", "kundin", "cliente", "klant",
        "klient", "kund",
    ),
    "active": ("aktiv", "actif", "active contact", "activo", "attivo", "ativo", "actief", "aktywny", "enabled"),
    "inactive": (
        "inaktiv", "inactif", "inactivo", "inattivo", "inativo", "inactief", "nieaktywny", "disabled", "lost",
        "closed lost", "closed not converted", "churned", "former customer", "unqualified", "disqualified", "verloren",
    ),
    "unsubscribed": (
        "opted out", "opt out", "optout", "do not contact", "abgemeldet", "désinscrit", "désabonné", "dado de baja",
        "disiscritto", "uitgeschreven", "afgemeld", "wypisany", "avregistrerad", "afmeldt", "avmeldt",
    ),
    "archived": ("archive", "archiviert", "archivé", "archivado", "archiviato", "arquivado", "gearchiveerd"),
}  # fmt: skip
