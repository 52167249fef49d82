"""Where things are kept: the registry, the workspaces, the record stores."""
