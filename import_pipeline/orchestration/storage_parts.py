"""What Dagster's storage in the home and that in PostgreSQL have in common: three parts, opened and closed together."""

from typing import Any

from dagster._core.storage.base_storage import DagsterStorage
from dagster._core.storage.event_log import EventLogStorage
from dagster._core.storage.runs import RunStorage
from dagster._core.storage.schedules import ScheduleStorage
from dagster._serdes import ConfigurableClass, ConfigurableClassData


class StorageOfParts(DagsterStorage, ConfigurableClass):
    """Runs, events and schedules of one instance."""

    def __init__(
        self,
        runs: RunStorage,
        events: EventLogStorage,
        schedules: ScheduleStorage,
        inst_data: ConfigurableClassData | None,
    ) -> None:
        self._runs, self._events, self._schedules = runs, events, schedules
        self._inst_data = inst_data
        super().__init__()

    @property
    def inst_data(self) -> ConfigurableClassData | None:
        """What dagster.yaml said."""
        return self._inst_data

    def register_instance(self, instance: Any) -> None:
        """Tell the three parts which instance they belong to."""
        super().register_instance(instance)
        for part in (self._runs, self._events, self._schedules):
            if not part.has_instance:
                part.register_instance(instance)

    @property
    def event_log_storage(self) -> EventLogStorage:
        """Events of all runs."""
        return self._events

    @property
    def run_storage(self) -> RunStorage:
        """Runs and their tags."""
        return self._runs

    @property
    def schedule_storage(self) -> ScheduleStorage:
        """Ticks of schedules and sensors."""
        return self._schedules

    def dispose(self) -> None:
        """Close the connections of the three parts."""
        for part in (self._events, self._runs, self._schedules):
            part.dispose()
