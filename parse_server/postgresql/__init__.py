"""Django's PostgreSQL backend, told where the server is at the first connection rather than in the settings."""
