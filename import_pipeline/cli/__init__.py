"""The interface of the terminal: `main` is the command `import-pipeline`.

A module holds the commands of one subject, `app` names them all. What is slow is imported by the command that needs it.
"""

import gc
import os
import sys


def main() -> None:
    """Run the command that the arguments of the process name, and end the process with its exit status."""
    # Starting makes hundreds of thousands of objects that stay: looking for cycles among them again and again, and
    # once more when the process ends, would take a third of the time of a small import.
    gc.set_threshold(500_000, 20, 20)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # its threads wait busily while all else is loaded, for nothing
    os.environ["PYTHONSAFEPATH"] = "1"  # no process that is started from here runs a csv.py of the current folder
    try:
        from import_pipeline.cli.app import run_app

        run_app()
    except KeyboardInterrupt:  # before there was a command to interrupt, or after it
        sys.stderr.write("Error: Interrupted.\n")
        raise SystemExit(130) from None
    finally:
        gc.freeze()  # the interpreter ends without looking for cycles: the memory goes back as a whole
