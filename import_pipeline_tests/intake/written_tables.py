"""Random tables, and writing them in a dialect: what round trips and fuzzing share."""

from dataclasses import dataclass

from hypothesis import strategies as st

DELIMITERS = [",", ";", "\t", "|", ", ", "||", "\x1f", "~"]
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]

anything = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
names = st.from_regex(r"[A-Z][a-z]{2,8}( [A-Z][a-z]{2,9})?", fullmatch=True)
plausible = st.one_of(
    names,
    st.integers(0, 10**6).map(str),
    st.dates().map(str),
    st.builds("{}@example.com".format, st.from_regex(r"[a-z]{3,8}", fullmatch=True)),
    st.sampled_from(["", 'say "hi"', "x, y", "a;b", "O'Hara", "two\nlines", "Größe"]),
)


@dataclass(frozen=True)
class Written:
    """A dialect to write in; `always` quotes every cell."""

    delimiter: str
    quote: str
    escape: str
    line_end: str
    always: bool

    def text(self, rows: list[list[str]]) -> str:
        """The rows in this dialect."""
        return "".join(self.delimiter.join(map(self._cell, row)) + self.line_end for row in rows)

    def _cell(self, cell: str) -> str:
        plain = not any(mark in cell for mark in (*self.delimiter, self.quote, self.escape, "\n", "\r"))
        if plain and not self.always and cell.strip() == cell and cell:
            return cell
        if self.escape != self.quote:
            cell = cell.replace(self.escape, self.escape * 2)
        return self.quote + cell.replace(self.quote, self.escape + self.quote) + self.quote


def dialects(delimiters: list[str] = DELIMITERS) -> st.SearchStrategy[Written]:
    """Dialects of every kind."""
    quotes = st.sampled_from(['"', "'"])
    return quotes.flatmap(
        lambda quote: st.builds(
            Written,
            st.sampled_from(delimiters),
            st.just(quote),
            st.sampled_from([quote, quote, "\\"]),
            st.sampled_from(["\n", "\r\n", "\r"]),
            st.booleans(),
        )
    )


def tables(cells: st.SearchStrategy[str], least_rows: int = 1) -> st.SearchStrategy[list[list[str]]]:
    """Rows of two to five cells, each with text somewhere."""
    return st.integers(2, 5).flatmap(
        lambda width: st.lists(
            st.lists(cells, min_size=width, max_size=width).filter(lambda row: any(cell.strip() for cell in row)),
            min_size=least_rows,
            max_size=12,
        )
    )
