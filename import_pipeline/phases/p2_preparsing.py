"""Phase 2, preparsing: rows that repeat one another inside the file, by identity, are found and left out.

Makes `identities` (see `identities.py`) and `repeats(row_number, first_row, times)`. Which of the repeated rows stay is
the kind of defect's affair (`defects/duplicate_in_file.py`).
"""

from import_pipeline.phases.defects import find_defects
from import_pipeline.phases.identities import make_identities
from import_pipeline.phases.matching import are_all_matched
from import_pipeline.phases.passed_over import leave_out_passed_over
from import_pipeline.phases.repeats import find_repeats
from import_pipeline.phases.work import Work
from import_pipeline.words import Phase


def run(work: Work) -> None:
    """Find the repeated rows of the file."""
    leave_out_passed_over(work)
    if not are_all_matched(work):
        make_identities(work)
    find_repeats(work)
    find_defects(work, Phase.PREPARSING)
