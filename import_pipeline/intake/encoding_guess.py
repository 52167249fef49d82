"""Which of the old encodings bytes are in, by how much the text that each would make looks like language.

The evidence is a sample of the lines with bytes beyond ASCII. Only encodings that have lived on in exports are asked.
"""

from collections.abc import Callable
from functools import partial

_ZH = set(
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经"
    "之进等部度家电力里如水化高自理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其前外天政日社义事平形相全表间样与关各重新线内数"
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶杜苏魏吕丁任卢姚沈钟姜崔谭陆范汪廖石金北京上海广州深圳市区省县路号公司"
)
_TW = set(
    "的一是不了在人有我他這中大來上個國到說們為子和你地出道也時年得就那要下以生會自著去之過家學對可她里後小麼心多天而能好都然沒日於起還發成事只作當想看"
    "文無開手用主行方又如前所本見經頭面公同三已老從動兩長知民樣現分將外但身些與高意進把法此實回二理美點月明其種聲全工己話兒者向情部正名定女問力機給等"
    "幾很業最間新什打便位因重被走電四第門相次東政海口使教西再平真聽世氣信北少關並內加化由卻代軍產入先山五太水萬市眼體別處總才場師書比住員九笑性通目華報立馬命"
    "張李王吳劉蔡楊黃許鄭謝郭洪邱曾廖賴徐周葉蘇莊呂江何蕭羅陳林臺灣台北高雄中南縣區路號公司"
)
_JA = set(
    "日一国会人年大十二本中長出三同時政事自行社見月分議後前民生連五発間対上部東者党地合市業内相方四定今回新場金員九入選立開手米力学問高代明実円関決子動京全目表"
    "山田川村小林佐藤木井野原島橋石松吉渡辺加伊斎清水池森阿崎福岡都道府県区町丁番号株式会社有限太郎花美香幸健真優愛之助雄夫男恵由紀智也"
)
_WEST = (
    set("éèàùâêîôûçëïœ"),
    set("äöüßé"),
    set("áéíóúñü"),
    set("áâãàçéêíóôõú"),
    set("àèéìòù"),
    set("åäöæøéü"),
)
_CENTRAL = (
    set("ąćęłńóśźż"),
    set("áčďéěíňóřšťúůýž"),
    set("áäčďéíľĺňóôŕšťúýž"),
    set("áéíóöőúüű"),
    set("ăâîşţșț"),
    set("čćđšž"),
)
_TURKISH = (set("ğışöçüâîİ"),)
_CYRILLIC = (set("оеаинтсрвлкмдпуяыьзбгчйхжюшцщэёі"), set("оаинтервсіукмлдпязьбгчйїєхжюшцщґ'"))
_GREEK = (set("αβγδεζηθικλμνξοπρςστυφχψωάέήίόύώϊϋΐΰ"),)
_SIGNS = set("\u201c\u201d\u2018\u2019\u2013\u2014\u2026€£°§©®™«»½¼²³µ·¿¡\xa0•\xd7")
_UNITS = set("gmlsLMVAWFHSNC")
"""What micro stands before."""
_OPENING = set("\u201c\u201e\u2018\u201a")
_CLOSING = set("\u201d\u2019\u201c\u2018")


OF_SEVERAL_BYTES = frozenset({"cp932", "euc_jp", "gb18030", "big5", "euc_kr"})
"""The encodings among them in which a character beyond ASCII is mostly of several bytes."""


def rank(sample: bytes) -> list[tuple[str, float]]:
    """Encodings that the bytes could be in, best first, each with a score (1 is a text of one language); never none."""
    found = []
    for name, judge, prior in _CANDIDATES:
        try:
            text = sample.decode(name)
        except UnicodeDecodeError:
            continue
        score = judge(text) + prior
        if score > 0:
            found.append((name, score))
    # a sample that no candidate decodes still has to be read: every byte is a character of ISO 8859-1
    return [*sorted(found, key=lambda pair: -pair[1]), ("latin-1", 0.1)]


def _letters(text: str, languages: tuple[set[str], ...]) -> float:
    """How much the characters beyond ASCII look like letters of words, best of all in one of these languages."""
    count = sum(1 for character in text if character >= "\x80")
    if not count:
        return 0.0
    known = set().union(*languages)
    of_one = max(sum(1 for character in text if character >= "\x80" and character.lower() in own) for own in languages)
    score = 0.25 * of_one
    own_script = any(letter > "\u0370" for letter in known)
    for place, character in enumerate(text):
        if character < "\x80":
            continue
        before = text[place - 1] if place else " "
        after = text[place + 1] if place + 1 < len(text) else " "
        if character < "\xa0":
            score -= 3.0
        elif character == "µ" and after in _UNITS and not before.isalpha():
            score += 1.05
        elif character.lower() in known:
            score += 0.75 - _out_of_place(character, before, after, own_script)
        elif character == "\u2019" and _is_apostrophe(text, place):
            score += 1.1
        elif (character in _OPENING and _opens(before, after)) or (character in _CLOSING and _opens(after, before)):
            score += 0.95
        elif character in _SIGNS:
            joins = before.isalpha() and after.isalpha()
            is_dash = character == "\u2013" and after.isupper()
            score += 0.8 if is_dash or not (joins or (character in "£€" and after.isalpha())) else -0.3
        elif character.isalpha():
            score += 0.3 - _out_of_place(character, before, after, own_script)
        else:
            score -= 0.5
    return score / count


def _opens(outside: str, inside: str) -> bool:
    """Whether a quote stands at the edge of a text."""
    return inside.isalnum() and not outside.isalnum()


def _is_apostrophe(text: str, place: int) -> bool:
    """Whether a sign between letters is the apostrophe of O'Neill, d'Angelo, Bob's and the like."""
    if not (text[place - 1 : place].isalpha() and text[place + 1 : place + 2].isalpha()):
        return False
    is_prefix = text[place - 1].lower() in "odlmn" and not text[max(0, place - 2) : place - 1].isalpha()
    is_ending = text[place + 1].lower() in "stdm" and not text[place + 2 : place + 3].isalpha()
    return is_prefix or is_ending


def _out_of_place(character: str, before: str, after: str, own_script: bool) -> float:
    """How odd a letter is beside its neighbours."""
    if not (before.isalpha() or after.isalpha()):
        return 1.0
    odd = 0.0
    if character.isupper() and before.islower():
        odd += 1.2
    elif character.islower() and after.isupper() and not before.islower():
        odd += 0.8
    elif before >= "\x80" and before.islower() and after.isupper() and after < "\x80":
        odd += 0.5
    if not own_script and min(before, after) >= "\x80" and before.isalpha() and after.isalpha():
        odd += 0.4
    if own_script and any("A" <= near <= "z" and near.isalpha() for near in (before, after)):
        odd += 1.0
    return odd


def _asian(text: str, often: set[str], lead: Callable[[str], bool], kana: bool = False) -> float:
    """How much the characters beyond ASCII look like a text in Chinese, Japanese or Korean."""
    odd = [character for character in text if character >= "\x80"]
    if not odd:
        return 0.0
    score = 0.0
    for character in odd:
        if character in often:
            score += 1.0
        elif "\u3040" <= character <= "\u30ff":
            score += 1.0 if kana else -0.3
        elif "\uff61" <= character <= "\uff9f":
            score += 0.4 if kana else -0.5
        elif "\u3000" <= character <= "\u303f" or "\uff01" <= character <= "\uff5e":
            score += 0.6
        elif lead(character):
            score += 0.65
        elif "\ue000" <= character <= "\uf8ff" or character < "\u0250":
            score -= 0.6
        else:
            score += 0.05
    alone = sum(
        1
        for place, character in enumerate(text)
        if character >= "\x80" and text[place - 1 : place] < "\x80" and text[place + 1 : place + 2] < "\x80"
    )
    return score / len(odd) - 0.8 * alone / len(odd)


def _in_rows(encoding: str, first: int, last: int, character: str) -> bool:
    """Whether a character stands in the rows of its character set that hold the common ones."""
    try:
        return first <= character.encode(encoding)[0] <= last
    except UnicodeEncodeError:
        return False


def _hangul(text: str) -> float:
    odd = [character for character in text if character >= "\x80"]
    return sum("\uac00" <= character <= "\ud7a3" for character in odd) / len(odd) * 0.95 if odd else 0.0


_japanese = partial(_asian, often=_JA, lead=partial(_in_rows, "euc_jp", 0xB0, 0xCF), kana=True)
_simplified = partial(_asian, often=_ZH, lead=partial(_in_rows, "gb2312", 0xB0, 0xD7))
_traditional = partial(_asian, often=_TW, lead=partial(_in_rows, "big5", 0xA4, 0xC6))
_western = partial(_letters, languages=_WEST)
_central = partial(_letters, languages=_CENTRAL)
_turkish = partial(_letters, languages=_TURKISH)
_cyrillic = partial(_letters, languages=_CYRILLIC)
_greek = partial(_letters, languages=_GREEK)

_CANDIDATES: tuple[tuple[str, Callable[[str], float], float], ...] = (
    ("cp932", _japanese, 0.0),
    ("euc_jp", _japanese, 0.02),
    ("gb18030", _simplified, 0.0),
    ("big5", _traditional, 0.0),
    ("euc_kr", _hangul, 0.0),
    ("cp1252", _western, 0.03),
    ("iso8859_15", _western, 0.02),
    ("mac_roman", _western, -0.04),
    ("cp850", _western, -0.25),
    ("cp1250", _central, 0.0),
    ("iso8859_2", _central, -0.01),
    ("cp1254", _turkish, -0.02),
    ("cp1251", _cyrillic, 0.0),
    ("koi8_r", _cyrillic, 0.0),
    ("iso8859_5", _cyrillic, -0.02),
    ("cp866", _cyrillic, -0.02),
    ("mac_cyrillic", _cyrillic, -0.16),
    ("cp1253", _greek, 0.0),
    ("iso8859_7", _greek, -0.02),
)
