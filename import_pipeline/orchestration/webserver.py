"""Dagster's web server as `up` starts it: the one of `dagster-webserver`, with `ui_guard` before it.

It is a process of its own: `python -m import_pipeline.orchestration.webserver HOST PORT WORKSPACE_FILE`.
"""

import sys

import uvicorn
from dagster import DagsterInstance
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import WorkspaceFileTarget
from dagster_webserver.app import create_app_from_workspace_process_context
from dagster_webserver.version import __version__

from import_pipeline.orchestration.ui_guard import UiGuard
from import_pipeline.settings import Settings

_STATEMENT_MILLISECONDS, _POOL_RECYCLE_SECONDS, _POOL_OVERFLOW = 15_000, 3_600, 20
"""What `dagster-webserver` sets for databases that are servers."""


def serve_ui(host: str, port: int, workspace: str, settings: Settings) -> None:
    """Serve Dagster's UI until SIGINT or SIGTERM.

    Args:
        host: The address on which it listens.
        port: The port there.
        workspace: Path of the workspace.yaml.
        settings: The settings of the home, which DAGSTER_HOME agrees with.
    """
    with DagsterInstance.get() as instance:
        instance.optimize_for_webserver(_STATEMENT_MILLISECONDS, _POOL_RECYCLE_SECONDS, _POOL_OVERFLOW)
        target = WorkspaceFileTarget([workspace])
        with WorkspaceProcessContext(instance, target, version=__version__) as context:
            app = create_app_from_workspace_process_context(context)
            guarded = UiGuard(app, settings.dagster_url)
            uvicorn.run(guarded, host=host, port=port, log_level="warning", proxy_headers=False)


if __name__ == "__main__":
    serve_ui(sys.argv[1], int(sys.argv[2]), sys.argv[3], Settings())
