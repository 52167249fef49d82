"""The import page: its shells, its static files and the policy under which browsers run them.

Everything that a page shows comes through the public API, by modules in `static/`; nothing of it is made here.
"""
