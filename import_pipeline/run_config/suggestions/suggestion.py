"""What is suggested for one column: `Suggestion`, how sure it is, and what a person is asked about it.

Only values belong here; how they are found stands in the modules beside this one.
"""

from dataclasses import dataclass
from typing import Any, Literal

How = Literal["exact", "synonym", "similar", "none"]

EXACT_SCORE = 100.0
SYNONYM_SCORE = 95.0
DOUBTFUL_SCORE = 94.0
"""The most that a column gets of which a person has to say what it is."""
SCORES: dict[How, float] = {
    "exact": EXACT_SCORE,
    "synonym": SYNONYM_SCORE,
    "similar": DOUBTFUL_SCORE,
    "none": 0.0,
}

EXTERNAL_ID = "external_id"


@dataclass(frozen=True)
class Suggestion:
    """What a column probably is.

    Attributes:
        column: The column of the file.
        field: The suggested field, or None.
        score: How sure, 0 to 100.
        how: exact (the field's name or label), synonym (words that mean it), similar (a person has to look), or none.
        identifies: Whether the field finds the record that a row means.
        why: Why a person has to look at it, or why a column that seems to matter has no field; else empty.
    """

    column: str
    field: str | None
    score: float
    how: How
    identifies: bool = False
    why: str = ""

    @property
    def is_asked(self) -> bool:
        """Whether a person has to say something about the column before the import goes on."""
        return self.how == "similar" or (self.field is None and bool(self.why))

    def as_dict(self) -> dict[str, Any]:
        """Column, field, score, how, and why a person is asked, as JSON has them."""
        told = {"column": self.column, "field": self.field, "score": self.score, "how": self.how}
        return told | {"why": self.why} if self.why else told
