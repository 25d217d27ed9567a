"""The journey through the peers: the same twelve triggers with the same payloads and letters, durable after each.

The peers are given each letter as Cleardays wrote it: they write it down, but neither word it nor set the
representation in type, and no date, rule, record or hash is asked of them. That favours them. In the forms called
"composing" they word the letters and set the representation in type as well, by the same functions as Cleardays, from
values that are ready; dates, rules, record and hashes are still not asked of them.
"""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

from benchmarks.journey_story import TRIGGERS, Composed

PREFECT_FLOW = """
import json, sqlite3, sys
from prefect import flow, task
database, case, number = sys.argv[1:]
material = json.load(sys.stdin)
@task(persist_result=False)
def write():
    with sqlite3.connect(database, isolation_level=None) as connection:
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO state VALUES (?, ?, ?)", (case, number, json.dumps(material)))
        connection.execute("COMMIT")
@flow(persist_result=False)
def journey():
    write()
journey()
"""


class Material(Protocol):
    """What a trigger writes: its own payload, and the letters that it causes."""

    def __getitem__(self, number: int) -> tuple[dict[str, Any], list[list[str]]]:
        """Return both for the trigger of a number."""
        ...


class Composing:
    """The same, but each time it is asked for, the letters are worded and the representation is set in type."""

    def __init__(self, material: Material, composed: Sequence[Composed]) -> None:
        """`composed` is what each trigger has composed."""
        self._material, self._composed = material, composed

    def __getitem__(self, number: int) -> tuple[dict[str, Any], list[list[str]]]:
        """Return both for the trigger of a number."""
        from notifications.documents import pdf_file, word_file
        from notifications.letters import render

        payload, given = self._material[number]
        worded = [render(template, values) for template, values in self._composed[number].letters]
        for representation in self._composed[number].representations:
            word_file(representation)
            pdf_file(representation)
        letters = [[letter[0], new.subject, new.text, new.html] for letter, new in zip(given, worded, strict=True)]
        assert letters == given
        return payload, letters


class Player(Protocol):
    """Plays one case; every trigger is durable when the next begins."""

    def play(self, name: str) -> object:
        """Play the case of a name."""
        ...

    def close(self) -> None:
        """Let go of the database."""
        ...


class Dbos:
    """DBOS Transact in one of its forms.

    "receives": one workflow a case, which `recv`s the triggers and takes a step for each, as its documentation shows
    for notifications; the sender waits for the event that the step is done. "event": a workflow for each trigger with
    one step in it. "stepless": a workflow for each trigger, its input and output durable, and no step.
    """

    def __init__(self, url: str, material: Material, form: str, write_ahead: bool = False) -> None:
        """Open DBOS on a database URL; on SQLite its own default is a rollback journal, flushed in full."""
        from dbos import DBOS

        if write_ahead:
            _log_ahead(sqlite3.connect(url.removeprefix("sqlite:///")))
        self._dbos, self._material = DBOS, material
        DBOS(config={
            "name": "journey", "system_database_url": url, "notification_listener_polling_interval_sec": 0.001,
            "run_admin_server": False, "log_level": "ERROR",
        })  # fmt: skip
        self.play = {"receives": self._receives, "event": self._event, "stepless": self._stepless}[form]

        @DBOS.step()
        def act(number: int, payload: dict[str, Any], letters: list[list[str]]) -> list[list[str]]:
            return letters

        @DBOS.workflow()
        def one(number: int, payload: dict[str, Any], letters: list[list[str]]) -> None:
            act(number, payload, letters)

        @DBOS.workflow()
        def alone(number: int, payload: dict[str, Any], letters: list[list[str]]) -> int:
            return number

        @DBOS.workflow()
        def whole() -> None:
            for number in range(len(TRIGGERS)):
                act(number, *DBOS.recv("trigger", timeout_seconds=600))
                DBOS.set_event(f"done {number}", True)

        self._one, self._alone, self._whole = one, alone, whole
        DBOS.launch()

    def _event(self, name: str) -> None:
        from dbos import SetWorkflowID

        for number in range(len(TRIGGERS)):
            with SetWorkflowID(f"{name}/{number}"):
                self._one(number, *self._material[number])

    def _stepless(self, name: str) -> None:
        from dbos import SetWorkflowID

        for number in range(len(TRIGGERS)):
            with SetWorkflowID(f"{name}/{number}"):
                self._alone(number, *self._material[number])

    def _receives(self, name: str) -> None:
        from dbos import SetWorkflowID

        with SetWorkflowID(name):
            handle = self._dbos.start_workflow(self._whole)
        for number in range(len(TRIGGERS)):
            self._dbos.send(name, self._material[number], topic="trigger")
            assert self._dbos.get_event(name, f"done {number}", timeout_seconds=600)
        handle.get_result()

    def close(self) -> None:
        """End DBOS."""
        self._dbos.destroy()


def _log_ahead(connection: sqlite3.Connection) -> None:
    """Turn to a write-ahead log; of two players that do so at once SQLite refuses one, however long it may wait."""
    for _ in range(200):
        with suppress(sqlite3.OperationalError):
            connection.execute("PRAGMA journal_mode=WAL")
            return
        time.sleep(0.05)
    connection.execute("PRAGMA journal_mode=WAL")


class Spiff:
    """SpiffWorkflow: the BPMN engine's state as JSON in a row, letters in an outbox, one transaction for each trigger.

    The answers may come in any order ("any order": a parallel gateway of eight user tasks), or, which the paper does
    not say, only in one ("chain"). The state is read back for each trigger, since the next may come in weeks; with
    `kept` it is kept in memory from one to the next.
    """

    def __init__(self, url: str, material: Material, form: str, kept: bool = False) -> None:
        """Parse the process and make the tables at a database URL (SQLite: WAL, synchronous=FULL)."""
        from lxml import etree
        from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
        from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer

        parser = BpmnParser()
        parser.add_bpmn_xml(etree.fromstring(_bpmn(form).encode()))
        self._spec = parser.get_spec("journey")
        self._serializer = BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure())
        self._material, self._kept, self._url = material, kept, url
        self._own = threading.local()
        execute = self._execute
        if not url.startswith("sqlite"):  # two players that make a table at once clash on PostgreSQL
            execute("SELECT pg_advisory_lock(1)")
        execute("CREATE TABLE IF NOT EXISTS state (ref VARCHAR(40) PRIMARY KEY, state TEXT)")
        execute("CREATE TABLE IF NOT EXISTS outbox (ref VARCHAR(40), address TEXT, subject TEXT, body TEXT, html TEXT)")
        if not url.startswith("sqlite"):
            execute("SELECT pg_advisory_unlock(1)")

    @property
    def _execute(self) -> Callable[..., Any]:
        connection = getattr(self._own, "connection", None)
        if connection is None:
            connection = self._own.connection = self._connect()
        return connection.execute  # type: ignore[no-any-return]

    def _connect(self) -> Any:
        if self._url.startswith("sqlite"):
            connection = sqlite3.connect(self._url.removeprefix("sqlite:///"), isolation_level=None, timeout=60)
            _log_ahead(connection)
            connection.execute("PRAGMA synchronous=FULL")
            return connection
        import psycopg

        return psycopg.connect(self._url.replace("postgresql+psycopg", "postgresql"), autocommit=True)

    def play(self, name: str) -> None:
        """Play the case of a name."""
        from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
        from SpiffWorkflow.util.task import TaskState

        workflow, execute = BpmnWorkflow(self._spec), self._execute
        mark = "?" if self._url.startswith("sqlite") else "%s"
        workflow.do_engine_steps()
        for number in range(len(TRIGGERS)):
            if number and not self._kept:
                (text,) = execute(f"SELECT state FROM state WHERE ref = {mark}", (name,)).fetchone()
                workflow = self._serializer.deserialize_json(text)
            payload, letters = self._material[number]
            task = workflow.get_next_task(state=TaskState.READY, spec_name=f"t{number}")
            task.data[f"t{number}"] = payload
            task.run()
            workflow.do_engine_steps()
            text = self._serializer.serialize_json(workflow)
            execute("BEGIN IMMEDIATE" if mark == "?" else "BEGIN")
            execute(f"INSERT INTO state VALUES ({mark}, {mark}) "
                    "ON CONFLICT (ref) DO UPDATE SET state = excluded.state", (name, text))  # fmt: skip
            for letter in letters:
                execute(f"INSERT INTO outbox VALUES ({', '.join([mark] * 5)})", (name, *letter))
            execute("COMMIT")
        assert workflow.is_completed()

    def close(self) -> None:
        """Nothing is held but connections."""


class StockPrefect:
    """Prefect as it comes: a flow run in a process of its own for each trigger, one task in it, which writes.

    The flow runs against the server that PREFECT_API_URL names.
    """

    def __init__(self, url: str, material: Material) -> None:
        """Make the table at a SQLite URL."""
        self._database, self._material = url.removeprefix("sqlite:///"), material
        with sqlite3.connect(self._database) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS state (ref TEXT, number INT, state TEXT)")

    def play(self, name: str) -> None:
        """Play the case of a name."""
        import json

        for number in range(len(TRIGGERS)):
            subprocess.run([sys.executable, "-c", PREFECT_FLOW, self._database, name, str(number)], check=True,
                           input=json.dumps(self._material[number]), text=True, capture_output=True,
                           cwd=Path(__file__).parent)  # fmt: skip

    def close(self) -> None:
        """Nothing is held."""


def _bpmn(form: str) -> str:
    """Return the process: notice, assessment, route, eight answers, decision."""
    last = len(TRIGGERS) - 1
    if form == "chain":
        arrows = [("begin", "t0"), *((f"t{n}", f"t{n + 1}") for n in range(last)), (f"t{last}", "end")]
        gateways = ""
    else:
        answers = range(3, last)
        arrows = [("begin", "t0"), ("t0", "t1"), ("t1", "t2"), ("t2", "fork"), *(("fork", f"t{n}") for n in answers),
                  *((f"t{n}", "join") for n in answers), ("join", f"t{last}"), (f"t{last}", "end")]  # fmt: skip
        gateways = _node("parallelGateway", "fork", arrows) + _node("parallelGateway", "join", arrows)
    tasks = "".join(_node("userTask", f"t{n}", arrows) for n in range(last + 1))
    flows = "".join(f'<sequenceFlow id="f{i}" sourceRef="{a}" targetRef="{b}"/>' for i, (a, b) in enumerate(arrows))
    ends = _node("startEvent", "begin", arrows) + _node("endEvent", "end", arrows)
    return (
        '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="https://example.org">'
        f'<process id="journey" isExecutable="true">{ends}{tasks}{gateways}{flows}</process></definitions>'
    )


def _node(kind: str, name: str, arrows: list[tuple[str, str]]) -> str:
    ends = "".join(
        f"<{'outgoing' if source == name else 'incoming'}>f{i}</{'outgoing' if source == name else 'incoming'}>"
        for i, (source, target) in enumerate(arrows)
        if name in (source, target)
    )
    return f'<{kind} id="{name}" name="{name}">{ends}</{kind}>'
