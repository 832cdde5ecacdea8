"""What a backup or a restore refuses, in sentences for whoever stands at the terminal."""

from __future__ import annotations


class BackupError(Exception):
    """Something is in the way; the text says what, and what to do."""


class BadBackup(BackupError):
    """This backup must not be used: damaged, cut short, altered, of another database, or of a schema we do not know."""


class NotEmpty(BackupError):
    """There is a database already where this one should go."""
