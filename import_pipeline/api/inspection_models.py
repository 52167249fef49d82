"""What is seen of the file of an import before it starts: how it is read, its columns, its questions, its values."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from import_pipeline.api.defect_models import Defect
from import_pipeline.run_config.spec import ReadOptions


class Inspect(BaseModel):
    """How the file is to be looked at; what is left out is as the import says."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"reading": {"delimiter": ";"}}]})

    reading: ReadOptions | None = Field(
        default=None, description="How the file is read, in place of what the import says of it."
    )
    resource: str | None = Field(default=None, max_length=100, description="What its rows are.", examples=["contact"])


class AsUsed(ReadOptions):
    """How the file was read, in the words in which it is said by hand."""

    confidence: float = Field(default=1.0, description="How sure the detection is, 0 to 1.", examples=[0.97])
    runner_up: str | None = Field(default=None, description="The next best way to read the file.")
    notes: list[str] = Field(default_factory=list, description="What a person should know about the file.")


class Sheet(BaseModel):
    """A sheet of a workbook."""

    name: str = Field(examples=["People"])
    rows: int
    columns: int
    is_used: bool = Field(description="Whether it was read.")
    is_hidden: bool
    may_be_meant: bool = Field(description="Whether it holds a table as well as others do.")


class Line(BaseModel):
    """A line of the file, cut into cells."""

    line: int | None = Field(
        description="Its place in the file, from 1: the header_row that makes it the header.", examples=[1]
    )
    kind: Literal["header", "row", "skipped"]
    row_number: int | None = Field(description="Below the header: which row it is.")
    cells: list[str] = Field(examples=[["E-mail", "Name"]])
    reason: str | None = Field(description="Why it was skipped: above_header, repeated_header, note, …")


class SkippedLine(BaseModel):
    """A line below the header that is no row."""

    row_number: int
    reason: str = Field(examples=["note"])
    text: str = Field(examples=["Total"])


class Suggested(BaseModel):
    """The field that a column probably is."""

    field: str | None = Field(examples=["email"])
    score: float = Field(description="How sure, 0 to 1.", examples=[0.95])
    is_sure: bool = Field(description="Whether it would be applied unasked.")
    why: str | None = Field(description="Why a person has to look.")


class Alternative(BaseModel):
    """Another field that a column may be."""

    field: str = Field(examples=["email_2"])
    score: float = Field(examples=[0.8])


class InspectedColumn(BaseModel):
    """A column of the file."""

    name: str = Field(examples=["E-mail"])
    filled: int = Field(description="How many cells hold something.", examples=[1480])
    distinct: int = Field(description="How many different values; estimated in large files.", examples=[1475])
    samples: list[str] = Field(description="Up to five different values.", examples=[["jane@example.com"]])
    type: str = Field(description="What its cells look like.", examples=["text"])
    suggestion: Suggested
    alternatives: list[Alternative]


class Choice(BaseModel):
    """A possible answer."""

    value: str | int = Field(description="What goes into `reading`.", examples=["day_first"])
    text: str = Field(description="What it says to people.", examples=["Day first: 3 April 2026"])


class Answer(BaseModel):
    """Where an answer goes."""

    path: list[str] = Field(description="Names within `reading`, outermost first.", examples=[["date_orders", "Born"]])


class Question(BaseModel):
    """What only a person knows about the file."""

    kind: Literal["member", "sheet", "table", "date_order", "decimal"]
    column: str | None = Field(examples=["Born"])
    text: str = Field(examples=["In 'Born', is the day or the month first?"])
    cell: str | None = Field(examples=["03/04/2026"])
    choices: list[Choice]
    answer: Answer


class Guess(BaseModel):
    """How well the columns go with the fields of a resource."""

    resource: str = Field(examples=["contact"])
    score: float = Field(description="0 to 1.", examples=[0.9])


class ValuesOf(BaseModel):
    """For which columns the values are wanted."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"column_mapping": {"status": "State"}}]})

    column_mapping: dict[str, str | None] | None = Field(
        default=None, description="Field → header of the file; left out: as the import says, else as is suggested."
    )


class ValueFound(BaseModel):
    """A value of a column."""

    value: str = Field(examples=["Kunde"])
    count: int = Field(description="In how many rows.", examples=[120])
    suggestion: str | None = Field(description="The constant that it is, or may be.", examples=["customer"])
    is_known: bool = Field(description="Whether it is understood without a word; else its row would have a defect.")


class ValuesOfColumn(BaseModel):
    """The values of the column of a choice field, the most frequent first."""

    column: str = Field(examples=["State"])
    field: str = Field(examples=["status"])
    choices: list[str] = Field(description="The constants of the field.", examples=[["lead", "customer"]])
    distinct: int = Field(description="How many different values there are.")
    values: list[ValueFound] = Field(description="Up to 100 of them.")
    rest_values: int = Field(description="How many others there are.")
    rest_rows: int = Field(description="In how many rows they are.")


class Values(BaseModel):
    """The values of all choice fields that have a column."""

    data: list[ValuesOfColumn]


class Inspection(BaseModel):
    """What the file of an import holds, and how it is read."""

    file_name: str | None = Field(examples=["leads.csv"])
    size_bytes: int | None = Field(examples=[51_234])
    format: str = Field(examples=["csv"])
    reading: AsUsed
    total_rows: int = Field(description="Lines below the header, those that are no rows included.", examples=[1500])
    sheets: list[Sheet]
    members: list[str] = Field(description="The files of an archive.", examples=[["leads.csv"]])
    lines: list[Line] = Field(description="The first lines, those above the header too.")
    skipped_lines: list[SkippedLine] = Field(description="The first lines below the header that are no rows.")
    columns: list[InspectedColumn]
    remembered_mapping: dict[str, str] | None = Field(
        description="Field → column, as a person confirmed it for the same header row.", examples=[{"email": "E-mail"}]
    )
    questions: list[Question]
    defects: list[Defect] = Field(description="What is to be known of the file as a whole.")
    record_type_guess: list[Guess] = Field(description="What its rows may be, the likeliest first.")
