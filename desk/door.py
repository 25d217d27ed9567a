"""What every command that works on cases does first: read the settings and open the office."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from desk.office import open_office
from desk.settings import Settings
from models.cases import Case
from tasks.procedures import read
from tasks.turns import Office

DOOR = "command line"


@contextmanager
def the_office() -> Iterator[tuple[Office, Settings]]:
    """Open the office on the settings of the environment, and close its store afterwards.

    Raises pydantic.ValidationError for wrong settings and models.store_schema.StoreIsNewer.
    """
    chosen = Settings()
    office = open_office(chosen)
    try:
        yield office, chosen
    finally:
        office.store.close()


def os_user() -> str | None:
    """Return the login of this machine that runs the command, for the record; None where it has no name."""
    try:
        from pwd import getpwuid

        return getpwuid(os.getuid()).pw_name
    except (ImportError, KeyError):
        return None


def read_case(office: Office, ref: str) -> Case:
    """Return a case as it stands now. Raises UnknownCase."""
    record = office.store.record(ref)
    return read(record, office.council_of(record), office.clock.now())
