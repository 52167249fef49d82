"""The one partitions definition: each import is a partition, and its id is the partition key.

Keys come from the registry, which has checked their pattern; Dagster itself accepts any text.
"""

from collections.abc import Sequence

import dagster as dg

from import_pipeline.words import PARTITIONS

KEYS_AT_ONCE = 5_000
"""A storage takes only so many values in one statement."""

imports_partitions = dg.DynamicPartitionsDefinition(name=PARTITIONS)


def add_partitions(instance: dg.DagsterInstance, import_ids: Sequence[str]) -> None:
    """Make imports known to Dagster; those that it knows stay as they are."""
    for start in range(0, len(import_ids), KEYS_AT_ONCE):
        instance.add_dynamic_partitions(PARTITIONS, list(import_ids[start : start + KEYS_AT_ONCE]))
