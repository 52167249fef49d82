"""What is taken off a cell before it is a value: invisible characters, wrappers of spreadsheets, ways to say 'nothing'.

All of it as SQL over the text of one column: `is_unclean` finds the cells cheaply; `plain`, `bare`, `is_empty` and
`value` say what they come to.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from import_pipeline.record_types.lexicon import no_value
from import_pipeline.record_types.record_type import Field, RecordType
from import_pipeline.sql import WHITE_SPACE, literal

_SPACES = r"\x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000}"
_INVISIBLE = r"\x{AD}\x{61C}\x{180E}\x{200B}\x{200E}\x{200F}\x{202A}-\x{202E}\x{2060}-\x{2064}\x{2066}-\x{206F}\x{FEFF}"
_JOINERS = "\u200c\u200d"  # within a word of some scripts they change how it is read; at its ends they do nothing
_IRREGULAR_ENDS = rf"^[{_SPACES}{_INVISIBLE}{_JOINERS}]|[{_SPACES}{_INVISIBLE}{_JOINERS}]$"

_ENDS = WHITE_SPACE + _JOINERS

_FORMULA = r'=\s*"((?:[^"]|"")*)"'
_CURLY = r"\x{201C}\x{201D}\x{201E}\x{201F}"
_ANGLES = r"\x{AB}\x{BB}\x{2039}\x{203A}"
_SINGLE = r"\x{2018}\x{2019}\x{201A}\x{201B}"
_QUOTED = (
    rf"\"+([^\"]*)\"+|'([^']*)'|[{_CURLY}]([^{_CURLY}]*)[{_CURLY}]|[{_ANGLES}]\s*([^{_ANGLES}]*?)\s*[{_ANGLES}]"
    rf"|[{_SINGLE}]([^{_SINGLE}]*)[{_SINGLE}]"
)
_APOSTROPHE = "'([^']*)"
_APOSTROPHE_BEFORE_NUMBER = r"'([-+=@]?[0-9][0-9 ./()-]*)"

_ZERO_DAYS = "'1900-01-00', '1/0/1900'"
_FORMS_OF_ASCII = (
    {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
    | {0x660 + digit: 0x30 + digit for digit in range(10)}
    | {0x6F0 + digit: 0x30 + digit for digit in range(10)}
)
_OTHER_FORMS = r"\x{FF01}-\x{FF5E}\x{660}-\x{669}\x{6F0}-\x{6F9}"
"""Signs and digits that are those of ASCII, in the full width of East Asian typing, or in Arabic writing."""
_FORMED = frozenset(("email", "phone", "url", "domain", "date", "number", "integer", "boolean", "enum"))
_LONG = "long_text"


@dataclass(frozen=True)
class Cleaning:
    """How the cells of one field are cleaned.

    Attributes:
        field: The field.
        is_declared: Whether its record type is declared by a list of fields: only what is around a text is taken off.
        is_name: Whether it is the name of a person, or part of it.
        words: Words that mean no value, in place of those that are known for the type; None: these.
        not_empty: Texts that mean something in this import, whatever else they mean.
    """

    field: Field
    is_declared: bool = False
    is_name: bool = False
    words: tuple[str, ...] | None = None
    not_empty: frozenset[str] = frozenset()

    @classmethod
    def of(
        cls, record_type: RecordType, name: str, words: Sequence[str] | None, not_empty: Iterable[str]
    ) -> "Cleaning":
        """How the cells of a field are cleaned in one import.

        Args:
            record_type: The record type.
            name: The field.
            words: The words that mean no value, where the spec says them.
            not_empty: Texts of which the spec says what they mean.
        """
        names = {part for whole in record_type.wholes for part in (whole.field, *whole.parts)}
        given = () if words is None and record_type.is_inline else words
        return cls(
            record_type.field(name),
            record_type.is_inline,
            name in names,
            None if given is None else tuple(given),
            frozenset(text.lower() for text in not_empty),
        )

    def is_unclean(self, text: str, *, beyond_ascii: bool) -> str:
        """SQL, cheap and never too narrow, of whether cleaning could change a text that is trimmed.

        Args:
            text: SQL of the text.
            beyond_ascii: Whether any text of the column may have characters that are none of ASCII.
        """
        irregular = f"regexp_matches({text}, {literal(self._irregular())})"
        is_sign = f"{text} < '0'"
        if self.field.type.name in ("phone", "number", "integer"):  # of these, many begin with + or a bracket
            is_digit = f"({_starts(text, '+')} OR {_starts(text, '(')}) AND NOT ({text} > '(:' AND {text} < ')')"
            is_sign = f"({is_sign} AND NOT ({is_digit}))"
        # In ranges of ASCII: < = > ?, then [ \\ ] ^ _ and the grave accent, then { | } ~.
        is_sign += f" OR ({text} >= '<' AND {text} < '@') OR ({text} >= '[' AND {text} < 'a') OR {text} >= '{{'"
        may_be_empty = self._may_be_empty(text)
        beyond = f"WHEN strlen({text}) <> length({text}) THEN {irregular} OR {may_be_empty}" if beyond_ascii else ""
        return f"CASE {beyond} WHEN {is_sign} THEN true ELSE {may_be_empty} END"

    def is_empty(self, text: str, bare: str, beside: Iterable[str] = ()) -> str:
        """SQL of whether a text means that there is no value.

        Args:
            text: SQL of the trimmed text, NULL where empty.
            bare: SQL of what `bare` makes of it.
            beside: SQL of what else the row says in fields of the same kind; for the names of people.
        """
        is_empty = f"coalesce({self._is_empty(bare, beside)}, false)"
        return f"({is_empty} AND NOT coalesce({self._has_meaning(text)}, false))" if self.not_empty else is_empty

    def value(self, text: str, bare: str) -> str:
        """SQL of the value of a text that does not mean that there is none: NULL where nothing is left of it."""
        said = f"WHEN {self._has_meaning(text)} THEN {text} " if self.not_empty else ""
        return f"CASE {said}ELSE nullif({bare}, '') END" if said else f"nullif({bare}, '')"

    def _has_meaning(self, text: str) -> str:
        return f"lower({text}) IN ({', '.join(map(literal, sorted(self.not_empty)))})"

    def _irregular(self) -> str:
        """A pattern of what may be in a text beyond ASCII and is to be taken off."""
        if self.field.type.name == _LONG or self.is_declared:
            return rf"{_IRREGULAR_ENDS}|^[\x{{2010}}-\x{{2015}}\x{{2212}}]+$"
        quotes = rf"\"'={_CURLY}{_ANGLES}{_SINGLE}"
        forms = _OTHER_FORMS if self.field.type.name in _FORMED else ""
        return (
            rf"[{_SPACES}{_INVISIBLE}{forms}]|^[{_JOINERS}{quotes}]|[{_JOINERS}]$|^[\x{{2010}}-\x{{2015}}\x{{2212}}]+$"
        )

    def plain(self, text: str) -> str:
        """SQL of a trimmed text without what cannot be seen in it; one of ASCII is so already."""
        if self.field.type.name == _LONG or self.is_declared:
            at_ends = literal(rf"^[\s{_SPACES}{_INVISIBLE}{_JOINERS}]+|[\s{_SPACES}{_INVISIBLE}{_JOINERS}]+$")
            plain = f"regexp_replace({text}, {at_ends}, '', 'g')"
        else:
            visible = f"regexp_replace({text}, {literal(f'[{_INVISIBLE}]')}, '', 'g')"
            plain = f"trim(regexp_replace({visible}, {literal(f'[{_SPACES}]')}, ' ', 'g'), {literal(_ENDS)})"
            if self.field.type.name in _FORMED:
                plain = _in_ascii(plain)
        return f"CASE WHEN strlen({text}) = length({text}) THEN {text} ELSE {plain} END"

    def bare(self, plain: str) -> str:
        """SQL of a text without what is around it, of what `plain` made of it."""
        if self.field.type.name == _LONG or self.is_declared:
            return self._without_formula(plain)
        of_number = self.field.type.name not in _FORMED and self.field.type.name != "identifier"
        unwrapped = _replaced(self._without_formula(plain), _QUOTED, r"\1\2\3\4\5")
        unwrapped = _replaced(unwrapped, _APOSTROPHE_BEFORE_NUMBER if of_number else _APOSTROPHE, r"\1")
        return f"trim({unwrapped}, {literal(_ENDS)})"

    def _without_formula(self, text: str) -> str:
        """The text of a formula that is nothing but a text in quotes, as spreadsheets are told not to change it."""
        within = f"replace(regexp_extract({text}, {literal(f'^(?s:{_FORMULA})$')}, 1), '\"\"', '\"')"
        is_formula = f"regexp_full_match({text}, {literal(f'(?s:{_FORMULA})')})"
        return f"CASE WHEN {_starts(text, '=')} AND {is_formula} THEN {within} ELSE {text} END"

    def _words(self) -> tuple[str, ...]:
        """The words that mean no value; in lower case where the case does not count."""
        if self.words is not None:
            words = tuple(word.lower() for word in self.words)
        elif self.field.type.name in _FORMED:
            words = no_value.WORDS
        elif self.field.type.name == _LONG:
            words = no_value.WORDS_IN_LONG_TEXT
        else:
            words = no_value.WORDS_IN_NAMES if self.is_name else no_value.WORDS_IN_TEXT
        known = self.field.type.known_words()
        return tuple(word for word in words if word.lower() not in known)

    @property
    def _ignores_case(self) -> bool:
        return self.words is not None or self.field.type.name in _FORMED

    def _may_be_empty(self, text: str) -> str:
        """Whether a text of ASCII that begins with a letter or digit can be one that means no value."""
        words = self._words()
        kind = self.field.type.name
        if not words:
            return "false"
        listed = ", ".join(map(literal, words))
        if self.words is None and kind == "email":
            return f"NOT contains({text}, '@')"
        if self.words is None and kind in ("url", "domain"):
            return f"NOT contains({text}, '.') OR lower({text}) IN ({listed})"
        if self.words is None and kind in ("phone", "date", "number", "integer"):
            zeros = self._zeros()
            if zeros is None:
                return f"{text} > ':'"
            is_zero = f"regexp_full_match({text}, {literal(zeros)})"
            if kind == "date":  # but for two, they begin with a zero
                return (
                    f"CASE WHEN {_starts(text, '0')} THEN {is_zero} ELSE {text} > ':' OR {text} IN ({_ZERO_DAYS}) END"
                )
            return f"CASE WHEN {_starts(text, '0')} AND suffix({text}, '0') THEN {is_zero} ELSE {text} > ':' END"
        if self._ignores_case:
            is_word = f"lower({text}) IN ({listed})"
            choices = ", ".join(map(literal, self.field.choices))
            return f"CASE WHEN {text} IN ({choices}) THEN false ELSE {is_word} END" if choices else is_word
        is_sign = f"regexp_full_match({text}, {literal(no_value.SIGNS)})"  # of letters, they all begin with n
        return (
            f"CASE WHEN {text} >= 'N' AND {text} < 'O' OR {text} >= 'n' AND {text} < 'o'"
            f" THEN {text} IN ({listed}) OR {is_sign} ELSE {text} = 'undefined' END"
        )

    def _zeros(self) -> str | None:
        if self.words is not None:
            return None
        return {"date": no_value.NO_DATE, "phone": no_value.NO_PHONE}.get(self.field.type.name)

    def _is_empty(self, bare: str, beside: Iterable[str]) -> str:
        words = self._words()
        conditions = []
        if words:
            text = f"lower({bare})" if self._ignores_case else bare
            said = f"{text} IN ({', '.join(map(literal, words))})"
            # Among names in capitals NULL is as good a name as any; elsewhere it is what a database writes.
            names = (
                [
                    f"coalesce({other} = upper({other}) AND {other} NOT IN ({', '.join(map(literal, words))}), false)"
                    for other in beside
                ]
                if self.is_name and self.words is None
                else []
            )
            conditions.append(f"({said} AND NOT ({' OR '.join(names)}))" if names else said)
        if self.words is None:
            conditions.append(f"regexp_full_match({bare}, {literal(no_value.SIGNS)})")
        if self._zeros():
            conditions.append(f"regexp_full_match({bare}, {literal(self._zeros() or '')})")
        if not conditions:
            return "false"
        known = sorted(self.field.type.known_words())
        unknown = f" AND lower({bare}) NOT IN ({', '.join(map(literal, known))})" if known else ""
        return f"(({' OR '.join(conditions)}){unknown})"


def _in_ascii(text: str) -> str:
    """SQL of a text with signs and digits of ASCII in place of their other forms."""
    others = "".join(map(chr, _FORMS_OF_ASCII))
    return f"translate({text}, {literal(others)}, {literal(''.join(map(chr, _FORMS_OF_ASCII.values())))})"


def _starts(text: str, sign: str) -> str:
    return f"prefix({text}, {literal(sign)})"


def _replaced(text: str, pattern: str, by: str) -> str:
    """SQL of a text that is as a whole of a pattern, replaced by parts of it."""
    return f"regexp_replace({text}, {literal(f'^(?s:{pattern})$')}, {literal(by)})"
