"""Cloud Code in Python: what its authors write with, and how it is run."""
