"""Everything a thief of the disk would find: all values of all tables, and the bytes of the database's files."""

from pathlib import Path

from sqlalchemy import MetaData, select


def everything_in(engine):
    """Every value of every table as text; bytes as far as they are text."""
    found = MetaData()
    found.reflect(engine)
    parts = []
    with engine.connect() as connection:
        for table in found.tables.values():
            for row in connection.execute(select(table)):
                parts += [_text(value) for value in row]
    return "\n".join(parts)


def _text(value):
    return bytes(value).decode("utf-8", "ignore") if isinstance(value, bytes | memoryview) else str(value)


def files_of(url):
    """The bytes of an SQLite database: the file, its log, its shared memory."""
    file = Path(url.removeprefix("sqlite:///"))
    return b"".join(one.read_bytes() for one in file.parent.glob(f"{file.name}*"))
