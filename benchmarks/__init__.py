"""Our server and the reference side by side: `python -m benchmarks`. What is measured, and how, is in `README.md`."""
