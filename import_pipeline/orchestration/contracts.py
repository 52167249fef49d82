"""What each phase promises, in markdown, as the asset graph shows it; with the kinds and the code version of each.

Only text for people belongs here. A code version changes when the phase's tables change their meaning.
"""

from dataclasses import dataclass

from import_pipeline.words import Phase


@dataclass(frozen=True)
class Contract:
    """What one phase does, and which rows end in it."""

    does: str
    ends: str
    kinds: frozenset[str]
    code_version: str = "1"

    @property
    def markdown(self) -> str:
        """The contract as the asset's description."""
        again = "The phase may be run again at any time and gives the same tables."
        return f"{self.does}\n\n**Rows end here with** {self.ends}\n\n{again}"


CONTRACTS: dict[Phase, Contract] = {
    Phase.PREVALIDATION: Contract(
        "**Phase 1: from bytes to typed rows.** Takes exactly one version of the file, checks size and checksum, finds "
        "encoding and dialect, reads every column as text with its row number, maps columns to fields, casts, and "
        "validates every row against the Pandera schema of its record type.\n\n"
        "A file whose mapping is not certain waits as `needs_review`; the later phases are then skipped.",
        "`structure` and cell defects such as `invalid_email`, `invalid_date`, `required`; lines that are no rows, for "
        "their reason: `blank_row`, `repeated_header`, `page_header`, `note`, `further_table`, and those that a person "
        "left out, `left_out_in_review` (outcome skipped).",
        frozenset({"csv", "duckdb", "pandera"}),
    ),
    Phase.PREPARSING: Contract(
        "**Phase 2: repeats inside the file.** Rows with the same identity meet: `ignore_all` leaves the whole set "
        "out, `use_first` keeps the first good one.",
        "`duplicate_in_file` (outcome skipped).",
        frozenset({"duckdb"}),
    ),
    Phase.TRANSFORMING: Contract(
        "**Phase 3: which record does a row mean?** Splits tags, adds the import's tags and groups, and finds the "
        "record by id, then by the identifiers of its type or those of `match_by`. A strong identifier means the same "
        "record, a weak one only where nothing contradicts; else the row is a new record and a `possible_duplicate`.",
        "`not_identifiable`, `ambiguous_match`.",
        frozenset({"duckdb"}),
    ),
    Phase.PARSING: Contract(
        "**Phase 4: the plan.** Rows that mean one record meet, the action of each is decided from the spec and "
        "compared with the stored record: create, update, unchanged, skip, delete.",
        "`duplicate_in_batch` (outcome skipped), `identifier_taken`.",
        frozenset({"duckdb"}),
    ),
    Phase.VALIDATION: Contract(
        "**Phase 5: what rows refer to.** Ids that must exist, companies, groups and sources. What the spec's "
        "`create_missing` allows will be created. A dry run ends here.",
        "`unknown_id`, `unknown_reference`, `ambiguous_reference`, `reference_cycle`, and `still_referred_to` where a "
        "record that is to be deleted has others that refer to it (outcome skipped).",
        frozenset({"duckdb"}),
    ),
    Phase.PROCESSING: Contract(
        "**Phase 6: the one write.** Under the lock of the organization's record store, in one transaction: the "
        "records, their before-images, the outcome of every row and the mark that this import was applied. "
        "With the mark present nothing is written again.",
        "`changed_since_plan`, where a record changed after the plan was made.",
        frozenset({"duckdb", "table"}),
    ),
    Phase.CLEANUP: Contract(
        "**Phase 7: closing.** An `overwrite` deletes the records that the file does not name, but for those that "
        "others refer to; the results and errors files are written; the import is closed.\n\n"
        "`total_rows = created + updated + unchanged + skipped + deleted + failed`, always.",
        "nothing: each has its outcome by now.",
        frozenset({"duckdb", "csv"}),
    ),
}
