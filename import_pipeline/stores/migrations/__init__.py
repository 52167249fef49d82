"""The history of the registry's tables: one Alembic revision a file in `versions`, applied at opening.

A new revision gets the next number as its id, and `HEAD` names it: an up-to-date registry is recognised by
that word alone, without loading Alembic.
"""

HEAD = "0016"
