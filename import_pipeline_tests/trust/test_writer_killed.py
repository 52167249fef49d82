"""A process that is killed while it writes leaves nothing of that; the import goes on and writes once."""

import signal
import subprocess
import sys

import pytest

from import_pipeline.service.reconciling import reconcile
from import_pipeline.stores import imports
from import_pipeline_tests.importing import Importing, counts
from import_pipeline_tests.stored import rows_of

KILLED = """
import os, signal, sys
from import_pipeline.home import Home
from import_pipeline.phases import p6_processing
from import_pipeline.service import running
from import_pipeline.settings import Settings
from import_pipeline.words import Phase

mark_applied = p6_processing.mark_applied

def dies(*given):
    mark_applied(*given)
    os.kill(os.getpid(), signal.SIGKILL)

p6_processing.mark_applied = dies
home = Home(Settings())
for phase in Phase:
    running.run_phase_of(home, sys.argv[1], phase)
"""


@pytest.mark.every_store
def test_an_import_that_was_killed_just_before_its_commit_is_written_once(importing: Importing):
    before = [{"external_id": "1", "first_name": "Ada"}]
    importing.run("external_id,first_name\n1,Ada\n")
    import_id = importing.begin("external_id,first_name\n1,Augusta\n2,Bob\n")
    killed = subprocess.run([sys.executable, "-c", KILLED, import_id], timeout=120, check=False)
    assert (killed.returncode, importing.stored()) == (-signal.SIGKILL, before)
    imports.update(importing.home.registry, import_id, lease_until=1)
    assert reconcile(importing.home).done == {import_id: "requeue"}
    done = importing.go(import_id)
    assert (done["status"], counts(done)) == ("completed", {"created": 1, "updated": 1})
    after = [{"external_id": "1", "first_name": "Augusta"}, {"external_id": "2", "first_name": "Bob"}]
    assert importing.stored() == after
    marks = "SELECT phase, created, updated FROM applied_imports WHERE import_id = ?"
    assert rows_of(importing.settings, marks, import_id) == [("processing", 1, 1)]
    images = "SELECT operation, first_name FROM contacts_history WHERE import_id = ?"
    assert rows_of(importing.settings, images, import_id) == [("updated", "Ada")]
    assert importing.outcomes(import_id) == [(1, "updated", None), (2, "created", None)]
