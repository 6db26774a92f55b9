"""The conditions of `$match`: MongoDB's own operators, and those of a `where`."""
