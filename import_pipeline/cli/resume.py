"""`resume`: an import that ended without records starts again; one whose records are written is finished."""

from import_pipeline.cli import options
from import_pipeline.cli.home import open_home
from import_pipeline.cli.running import run_and_tell


def resume(import_id: options.ImportId, as_json: options.AsJson = False) -> None:
    """Start an import again that failed, timed out, was cancelled or expired and whose file is still there.

    One whose records are written, and whose last phase broke, goes on from there. A repeat of bytes that were imported
    before is imported all the same.
    """
    from import_pipeline.service import resuming

    home = open_home()
    resuming.resume(home, import_id)
    run_and_tell(home, import_id, as_json=as_json)
