"""What can go wrong with the embedded database."""


class EmbeddedDatabaseError(RuntimeError):
    """The embedded PostgreSQL can't be started; the message says why and what to do."""
