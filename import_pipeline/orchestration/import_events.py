"""Events of one import that are reported beside a step's own: by a run of many imports, or for later phases.

Dagster's steps report of the partition of their run alone; here each event names the partition that it is of.
"""

from collections.abc import Iterable
from typing import Any

import dagster as dg
from dagster._core.events import (
    AssetMaterializationPlannedData,
    AssetObservationData,
    DagsterEvent,
    DagsterEventBatchMetadata,
    DagsterEventType,
    StepMaterializationData,
    generate_event_batch_id,
)

from import_pipeline.orchestration.checks import evaluation_of
from import_pipeline.orchestration.told import Told
from import_pipeline.words import Phase


class ImportEvents:
    """Makes and reports events of imports in a run.

    Args:
        context: The run that reports them.
        step: The key of the step.
    """

    def __init__(self, context: Told, step: str) -> None:
        self._instance, self._run, self._step = context.instance, context.run, step

    def materialized(self, phase: Phase, import_id: str, metadata: dict[str, Any]) -> DagsterEvent:
        """That a phase did its work."""
        materialization = dg.AssetMaterialization(phase.value, partition=import_id, metadata=metadata)
        return self._event(DagsterEventType.ASSET_MATERIALIZATION, StepMaterializationData(materialization))

    def planned(self, phase: Phase, import_id: str) -> DagsterEvent:
        """That a phase was to be materialized, and is not: in a run that failed, Dagster shows it as failed."""
        planned = AssetMaterializationPlannedData(dg.AssetKey(phase.value), partition=import_id)
        return self._event(DagsterEventType.ASSET_MATERIALIZATION_PLANNED, planned)

    def observed(self, phase: Phase, import_id: str, metadata: dict[str, Any]) -> DagsterEvent:
        """What is to be told of an import that did not get through a phase."""
        observation = dg.AssetObservation(phase.value, partition=import_id, metadata=metadata)
        return self._event(DagsterEventType.ASSET_OBSERVATION, AssetObservationData(observation))

    def evaluated(self, result: dg.AssetCheckResult, import_id: str) -> DagsterEvent:
        """What a check found in an import."""
        return self._event(DagsterEventType.ASSET_CHECK_EVALUATION, evaluation_of(result, import_id))

    def report(self, events: Iterable[DagsterEvent]) -> None:
        """Write events at once: each by itself costs as much as a phase of a short file."""
        batch_id, all_events = generate_event_batch_id(), list(events)
        for place, event in enumerate(all_events, start=1):
            last = place == len(all_events)
            self._instance.report_dagster_event(
                event, self._run.run_id, batch_metadata=DagsterEventBatchMetadata(batch_id, last)
            )

    def _event(self, kind: DagsterEventType, data: Any) -> DagsterEvent:
        return DagsterEvent(kind.value, self._run.job_name, event_specific_data=data, step_key=self._step)
