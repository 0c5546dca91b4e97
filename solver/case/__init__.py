"""Case files: schema, units, errors with file and line."""
