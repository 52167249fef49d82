"""`python -m import_pipeline`: the command `import-pipeline`, where it is not on the path."""

from import_pipeline.cli import main

main()
