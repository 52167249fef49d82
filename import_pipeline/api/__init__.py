"""The HTTP interface: `create_app` makes the application, `serving` runs it.

A module holds the calls of one subject; `routers` names them all. All work is in `Home` and the plain modules
behind it: here requests are read, callers are known, and answers are shown.
"""
