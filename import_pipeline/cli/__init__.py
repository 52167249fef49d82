"""The terminal door: `main` is the command `import-pipeline`.

A module holds the commands of one subject, `app` names them all. What is slow is imported by the command that needs it.
"""


def main() -> None:
    """Run the command that the arguments of the process name, and end the process with its exit status."""
    from import_pipeline.cli.app import run_app

    run_app()
