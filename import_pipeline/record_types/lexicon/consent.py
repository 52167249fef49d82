"""What newsletter tools, shops and CRMs write for the five states that a subscription can be in.

Constant of the field `newsletter` → words for it, besides the constant itself.
"""

from import_pipeline.record_types.lexicon.yes_no import EMPTY_BOXES, FALSE, MARKS, TRUE

NEWSLETTER_WORDS: dict[str, tuple[str, ...]] = {
    "yes": (
        *TRUE, *MARKS,
        "subscribed", "subscriber", "opted in", "opt in", "optin", "double opt in", "single opt in", "active",
        "confirmed", "consented", "consent given", "granted", "accepted", "agreed", "allowed", "marketing contact",
        "abonniert", "angemeldet", "eingetragen", "zugestimmt", "eingewilligt", "aktiv", "bestätigt",
        "inscrit", "abonné", "abonnée", "accepté", "suscrito", "suscrita", "inscrito", "inscrita", "aceptado",
        "iscritto", "iscritta", "subscrito", "ingeschreven", "aangemeld", "zapisany", "zapisana", "prenumererar",
        "prenumerant", "tilmeldt", "påmeldt", "abonnent",
    ),
    "no": (
        *FALSE, *EMPTY_BOXES,
        "not subscribed", "non subscribed", "nonsubscribed", "never subscribed", "not opted in",
        "no consent", "declined", "denied", "refused", "transactional", "non marketing contact",
        "nicht abonniert", "nicht angemeldet", "abgelehnt", "non inscrit", "non abonné", "no suscrito",
        "non iscritto", "não inscrito", "niet ingeschreven",
    ),
    "pending": (
        "unconfirmed", "not confirmed", "awaiting confirmation", "waiting", "waiting for confirmation", "invited",
        "double opt in pending", "opt in pending", "ausstehend", "unbestätigt", "en attente", "pendiente", "in attesa",
        "pendente", "in afwachting", "oczekujący", "väntar", "afventer",
    ),
    "unsubscribed": (
        "unsubscribe", "opted out", "opt out", "optout", "global unsubscribe", "withdrawn", "suppressed", "blacklisted",
        "blocklisted", "blocked", "complained", "complaint", "spam complaint", "marked as spam", "abuse",
        "abgemeldet", "ausgetragen", "désinscrit", "désinscrite", "désabonné", "désabonnée", "dado de baja", "baja",
        "disiscritto", "disiscritta", "descadastrado", "uitgeschreven", "afgemeld", "wypisany", "wypisana",
        "avregistrerad", "avprenumererad", "avanmäld", "afmeldt", "avmeldt",
    ),
    "bounced": (
        "bounce", "hard bounce", "hard bounced", "soft bounce", "soft bounced", "cleaned", "undeliverable",
        "undelivered", "invalid address", "unzustellbar",
    ),
}  # fmt: skip
