# ruff: noqa: RUF001 (words and digits of many scripts are what this is about)
"""The names of the months and of the days of the week, whole and shortened: in lower case, without accents.

A word that means two months in two of the languages is not here; in these there is none.
"""

MONTHS: dict[int, tuple[str, ...]] = {
    1: ("jan", "january", "januar", "janner", "jaenner", "janvier", "janv", "enero", "ene", "gennaio", "gen", "janeiro",
        "januari", "stycznia", "styczen", "sty", "leden", "ledna", "ocak", "tammikuu", "tammikuuta", "января", "январь",
        "янв"),
    2: ("feb", "february", "februar", "feber", "fevrier", "fevr", "fev", "febrero", "febbraio", "fevereiro", "februari",
        "lutego", "luty", "lut", "unor", "unora", "subat", "helmikuu", "helmikuuta", "февраля", "февраль", "фев"),
    3: ("mar", "march", "marz", "maerz", "mrz", "mars", "marzo", "marco", "maart", "mrt", "marts", "marca", "marzec",
        "brezen", "brezna", "mart", "maaliskuu", "maaliskuuta", "marcius", "марта", "март", "мар"),
    4: ("apr", "april", "avril", "avr", "abril", "abr", "aprile", "kwietnia", "kwiecien", "kwi", "duben", "dubna",
        "nisan", "huhtikuu", "huhtikuuta", "aprilis", "апреля", "апрель", "апр"),
    5: ("may", "mai", "mayo", "maggio", "mag", "maio", "mei", "maja", "maj", "kveten", "kvetna", "mayis", "mayıs",
        "toukokuu", "toukokuuta", "majus", "мая", "май"),
    6: ("jun", "june", "juni", "juin", "junio", "giugno", "giu", "junho", "czerwca", "czerwiec", "cze", "cerven",
        "cervna", "haziran", "kesakuu", "kesakuuta", "junius", "июня", "июнь", "июн"),
    7: ("jul", "july", "juli", "juillet", "juil", "julio", "luglio", "lug", "julho", "lipca", "lipiec", "lip",
        "cervenec", "cervence", "temmuz", "heinakuu", "heinakuuta", "julius", "июля", "июль", "июл"),
    8: ("aug", "august", "aout", "agosto", "ago", "augustus", "augusti", "sierpnia", "sierpien", "sie", "srpen",
        "srpna", "agustos", "elokuu", "elokuuta", "augusztus", "августа", "август", "авг"),
    9: ("sep", "sept", "september", "septembre", "septiembre", "setiembre", "settembre", "sett", "setembro", "set",
        "wrzesnia", "wrzesien", "wrz", "zari", "eylul", "syyskuu", "syyskuuta", "szeptember", "сентября", "сентябрь",
        "сен", "сент"),
    10: ("oct", "october", "okt", "oktober", "octobre", "octubre", "ottobre", "ott", "outubro", "out", "pazdziernika",
         "pazdziernik", "paz", "rijen", "rijna", "ekim", "lokakuu", "lokakuuta", "октября", "октябрь", "окт"),
    11: ("nov", "november", "novembre", "noviembre", "novembro", "listopada", "listopad", "lis", "listopadu", "kasim",
         "kasım", "marraskuu", "marraskuuta", "ноября", "ноябрь", "ноя", "нояб"),
    12: ("dec", "december", "dez", "dezember", "decembre", "diciembre", "dic", "dicembre", "dezembro", "grudnia",
         "grudzien", "gru", "desember", "des", "prosinec", "prosince", "aralik", "aralık", "joulukuu", "joulukuuta",
         "декабря", "декабрь", "дек"),
}  # fmt: skip

WEEKDAYS = (
    "mon", "monday", "tue", "tues", "tuesday", "wed", "wednesday", "thu", "thur", "thurs", "thursday", "fri", "friday",
    "sat", "saturday", "sun", "sunday",
    "mo", "montag", "di", "dienstag", "mi", "mittwoch", "do", "donnerstag", "fr", "freitag", "sa", "samstag",
    "sonnabend", "so", "sonntag",
    "lun", "lundi", "mardi", "mer", "mercredi", "jeu", "jeudi", "ven", "vendredi", "sam", "samedi", "dim", "dimanche",
    "lunes", "martes", "mie", "miercoles", "jue", "jueves", "vie", "viernes", "sab", "sabado", "dom", "domingo",
    "lunedi", "martedi", "mercoledi", "gio", "giovedi", "venerdi", "sabato", "domenica",
    "segunda-feira", "terca-feira", "quarta-feira", "quinta-feira", "sexta-feira", "segunda", "terca", "quarta",
    "quinta", "sexta",
    "ma", "maandag", "dinsdag", "wo", "woensdag", "donderdag", "vr", "vrijdag", "za", "zaterdag", "zo", "zondag",
    "poniedzialek", "wtorek", "sroda", "czwartek", "piatek", "sobota", "niedziela",
    "mandag", "mandagen", "tisdag", "tirsdag", "onsdag", "torsdag", "fredag", "lordag", "sondag",
)  # fmt: skip
ARTICLES = ("the", "den", "der", "am", "le", "el", "il", "o", "op", "dnia", "d")
"""What may stand before the day."""
BETWEEN = ("of", "de", "del", "di", "do")
"""What may stand between day, month and year."""
