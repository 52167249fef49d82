"""The Dagster interface: the only package besides `definitions` that imports dagster.

One module for each of Dagster's concepts; what an import does is decided in `import_pipeline.service`.
"""
