"""Headers of columns in which a yes means that somebody does not want to be written to, called or listed.

Regular expressions over the form of `plain_header`, by language.
"""

REFUSALS = (
    # English
    r"unsub\w*", r"opt(ed)? ?outs?",
    r"(do|does|did) ?n(ot|t)? ?(call|mail|e ?mail|contact|phone|sms|text|fax|disturb)",
    r"don t (call|mail|e ?mail|contact|phone|sms|text|fax)", r"dont ?(call|mail|e ?mail|contact|phone|sms|text|fax)",
    r"no (more )?(newsletters?|mails?|e ?mails?|mailings?|marketing|calls?|contact|sms|ads|advertising)",
    r"not (subscribed|opted in|contactable)", r"suppress(ed|ion)?", r"(black|block) ?list(ed)?", r"dnc", r"dne",
    r"declined (e ?mail|marketing|newsletter)s?", r"(e ?mail|marketing|newsletter)s? declined",
    r"refus(es|ed)", r"objection", r"withdr(ew|awn)", r"do not (allow|send|post|subscribe|bulk|postal|solicit)\w*",
    r"exclude from (mailings?|newsletters?|marketing)", r"no (phone|postal mail|phone calls)",
    # German
    r"abgemeldet", r"abmeldung", r"kein(e|en)? (newsletter|werbung|e ?mails?|mailings?|anrufe?|kontakt|post)",
    r"nicht (anrufen|kontaktieren|anschreiben|anmailen|mailen|stoeren|storen)", r"widerspruch", r"widersprochen",
    r"widerrufen", r"abbestellt", r"abgelehnt", r"robinsonliste", r"austragung", r"gesperrt fur werbung",
    r"(newsletter|e ?mail|anruf|telefon) ?sperre", r"keine telefonische werbung", r"werbesperre", r"mailsperre",
    r"kontaktsperre", r"ausgetragen", r"werbewiderspruch",
    # French
    r"desinscri\w*", r"desabonn\w*", r"ne pas (contacter|appeler|envoyer|demarcher)",
    r"pas de (newsletter|mails?|e ?mails?|courriels?|publicite|demarchage)", r"refus\w*", r"opposition",
    r"pas d ?appels?", r"ne pas telephoner", r"bloctel",
    # Spanish
    r"dad[oa] de baja", r"darse de baja", r"de baja", r"no (contactar|llamar|enviar|molestar)", r"desuscri\w*",
    r"no suscrit[oa]",
    r"baja (newsletter|boletin)", r"no publicidad", r"sin llamadas",
    # Italian
    r"disiscri\w*", r"non (contattare|chiamare|inviare|disturbare)", r"revocat[oa]", r"annullata iscrizione",
    r"cancellazione newsletter",
    # Portuguese
    r"nao (contatar|contactar|ligar|enviar|perturbar)", r"descadastr\w*", r"desinscrev\w*",
    r"cancelou (a )?(inscricao|subscricao)",
    r"nao telefonar",
    # Dutch
    r"uitgeschreven", r"afgemeld", r"niet (bellen|mailen|benaderen|contacteren|storen)",
    r"geen (nieuwsbrief|mail|e ?mail|reclame|contact)", r"bel me niet",
    # Polish
    r"wypisan\w*", r"nie (dzwonic|kontaktowac|wysy[lł]ac)", r"rezygnacja", r"brak zgody", r"sprzeciw",
    # Swedish, Danish, Norwegian
    r"avregistrera\w*", r"avprenumerera\w*", r"avanmald", r"kontakta ej", r"ring ej", r"afmeldt", r"avmeldt",
    r"frameldt", r"kontakt ikke", r"ring (ikke|inte)", r"(ej|inget|ikke) nyhe[dt]sbrev", r"avbojt", r"avsagt sig",
    # Japanese, Chinese
    r"(メール)?(配信停止|配信拒否)", r"購読解除", r"オフトアウト", r"メール不可", r"解除済み", r"電話不可", r"架電禁止",
    r"(已)?退[订訂]", r"取消[订訂][阅閱]", r"不再联系", r"拒收(邮件)?", r"(请)?勿(打电话|致电)",
)  # fmt: skip
UNDONE = (
    r"not (unsubscribed|opted ?out)", r"opt(ed)? ?in (or |and )?opt(ed)? ?out", r"opt ?in out",
    r"(un|)subscribe link",
    r"unsubscribe (url|link)", r"refus\w* rate", r"nicht abgemeldet",
)  # fmt: skip
"""What takes the meaning back: such a header says nothing, or the contrary of a refusal."""
OF_CALLS = (
    r"\b(calls?|phones?|telephone|sms|text|fax|dnc|anruf\w*|anrufen|telefon\w*|appel\w*|llamar|chiamare|ligar|bellen"
    r"|dzwonic|ring|appels?|telephoner|bloctel|llamadas|telefonar|anrufsperre|telefonsperre|telefonische)\b"
    r"|電話|架電|打电话|致电"
)
"""A refusal of calls or short messages says nothing of mail."""
OF_MAIL = r"\b(e ?mails?|mails?|mailings?|newsletters?|marketing|courriels?|nieuwsbrief|werbung)\b"
