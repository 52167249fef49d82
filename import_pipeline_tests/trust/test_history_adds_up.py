"""The history of each record adds up: every step begins where the one before ended, the last ends in what is stored."""

import random
from itertools import pairwise

import pytest

from import_pipeline.service import queries, undoing
from import_pipeline.stores import imports
from import_pipeline.words import Status
from import_pipeline_tests.importing import INTERNAL, Importing

STEPS = 9
NAMES = ["Ann", "Bob", "Cyd", ""]


def some_import(importing: Importing, chosen: random.Random) -> None:
    """Import a random file in a random way; it may update, create and delete."""
    keys = chosen.sample(range(1, 7), chosen.randint(1, 5))
    lines = [f"{key},{chosen.choice(NAMES)},{chosen.choice(['Rome', 'Oslo', ''])}" for key in keys]
    action = chosen.choice(["merge", "merge", "overwrite", "delete"])
    strategy = chosen.choice(["merge", "fill", "overwrite", "skip"])
    text = "external_id,first_name,city\n" + "\n".join(lines) + "\n"
    importing.run(text, action=action, duplicate_strategy=strategy, confirm_deletions=True)


def some_undo(importing: Importing, chosen: random.Random) -> None:
    """Undo a random import, which may be an undo, or one whose records changed since."""
    done = imports.list_imports(importing.home.registry, status=Status.COMPLETED, limit=100).items
    if done:
        undoing.undo(importing.home, chosen.choice(done).id)


@pytest.mark.parametrize("seed", range(4))
def test_the_history_of_every_record_leads_step_by_step_to_what_is_stored(importing: Importing, seed: int):
    chosen = random.Random(seed)
    for _ in range(STEPS):
        chosen.choice([some_import, some_import, some_undo])(importing, chosen)
    stored = {record["id"]: record for record in queries.records(importing.home, "contact", "default", limit=None)}
    of_all = imports.list_imports(importing.home.registry, limit=100).items
    rows = [row for one in of_all for row in queries.rows(importing.home, one.id)]
    touched = {row["record_id"] for row in rows if row["record_id"]}
    assert stored.keys() <= touched
    for record_id in touched:
        history = queries.history(importing.home, "contact", record_id, "default")
        for earlier, later in pairwise(history):
            assert earlier["after"] == later["before"]
        present = stored.get(record_id)
        fields = present and {
            name: value for name, value in present.items() if name not in INTERNAL and value is not None
        }
        assert history[-1]["after"] == fields
        assert not any(event["changed_by_hand"] for event in history)
