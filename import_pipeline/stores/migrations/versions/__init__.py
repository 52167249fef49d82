"""The revisions of the registry's tables; a revision that was released is never edited."""
