"""Jobs: code that runs after the answer, however long, and when a schedule says so (`contract/cloud.md` §5, §6)."""
