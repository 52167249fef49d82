"""Inspections of files kept for a while: who goes back a step, or loads it again, does not wait for the file once more.

An answer holds for one version of the file and for all that was asked of its reading; what was remembered meanwhile is
seen after a few minutes.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any

from import_pipeline.run_config.spec import ReadOptions
from import_pipeline.service.inspecting import asked
from import_pipeline.stores.import_record import ImportRecord

_MOST = 32
_SECONDS = 120.0


class KeptInspections:
    """The last answers of `inspecting.inspect`. Safe for threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, tuple[float, dict[str, Any]]] = OrderedDict()

    def inspect(
        self,
        record: ImportRecord,
        options: ReadOptions | None,
        record_type: str | None,
        look: Callable[[ImportRecord, ReadOptions | None, str | None], dict[str, Any]],
    ) -> dict[str, Any]:
        """What was found when the same was asked a moment ago, else what is found now.

        Args:
            record: The import.
            options: How its file is read, in place of what the import says.
            record_type: What its rows are, in place of what the import says.
            look: Inspects the file.
        """
        spec = asked(record, options, record_type).model_dump_json(exclude={"name", "created_by", "preview"})
        key = (record.id, record.object_version, record.file_name, spec)
        with self._lock:
            found = self._kept.get(key)
            if found is not None and found[0] > time.monotonic() - _SECONDS:
                self._kept.move_to_end(key)
                return found[1]
        answer = look(record, options, record_type)
        with self._lock:
            self._kept[key] = time.monotonic(), answer
            while len(self._kept) > _MOST:
                self._kept.popitem(last=False)
        return answer
