"""Dagster's objects; with definitions.py the only place that imports dagster."""
