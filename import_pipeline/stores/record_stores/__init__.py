"""The kinds of record stores, a module each, behind one interface (`interface.py`); `choosing.py` says which it is."""
