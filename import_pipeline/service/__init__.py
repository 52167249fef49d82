"""Use cases, one module each: functions of a `Home`.

Interfaces call these; they open no store by themselves.
"""
