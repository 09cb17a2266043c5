"""Who writes while something breaks. A row counts as acknowledged once the server said so, and is then owed."""

import collections
import select
import subprocess
import threading
import time

import psycopg2
import psycopg2.extensions

from stack import SERVERS, docker

DATABASE = "stack"
PAUSE_SECONDS = 0.05
INSERT = (
    "insert into written (writer, number) values ('{}', {})"
    " returning left(pg_walfile_name(pg_current_wal_insert_lsn()), 8)"
)

# source: who wrote; server: node name or None (not known, through the gateway); times: monotonic seconds.
Write = collections.namedtuple("Write", "source server timeline number sent answered")

limits = threading.local()


def wait_with_deadline(connection):
    """As psycopg2.extras.wait_select, but a server that says nothing is given up."""
    end = time.monotonic() + limits.seconds
    while True:
        state = connection.poll()
        if state == psycopg2.extensions.POLL_OK:
            return
        readable = [connection] if state == psycopg2.extensions.POLL_READ else []
        writable = [connection] if state == psycopg2.extensions.POLL_WRITE else []
        left = end - time.monotonic()
        if left <= 0 or not any(select.select(readable, writable, [], left)):
            raise psycopg2.OperationalError("no answer in time")


psycopg2.extensions.set_wait_callback(wait_with_deadline)


class Writer(threading.Thread):
    """Writes to the first of its targets that takes it, with a new connection after each error."""

    def __init__(self, name, run_id, targets, password, patience):
        """@param targets (node or None, port) in the order of trying; @param patience seconds"""
        super().__init__(daemon=True)
        self.source = name
        self.key = f"{run_id}-{name}"
        self.targets = collections.deque(targets)
        self.password = password
        self.patience = patience
        self.writes = []
        self.errors = collections.Counter()
        self.stopping = threading.Event()

    def run(self):
        limits.seconds = self.patience
        number = 0
        connection = None
        while not self.stopping.is_set():
            number += 1
            node, port = self.targets[0]
            sent = time.monotonic()
            try:
                connection = connection or self.connect(port)
                sent = time.monotonic()
                timeline = self.insert(connection, number)
                self.writes.append(
                    Write(self.source, node, timeline, number, sent, time.monotonic())
                )
            except psycopg2.Error as e:
                self.errors[str(e).strip().splitlines()[0] if str(e).strip() else "closed"] += 1
                if connection:
                    connection.close()
                connection = None
                self.targets.rotate(-1)
            self.stopping.wait(PAUSE_SECONDS)
        if connection:
            connection.close()

    def connect(self, port):
        connection = psycopg2.connect(
            host="127.0.0.1", port=port, user="odoo", password=self.password, dbname=DATABASE
        )
        connection.autocommit = True
        return connection

    def insert(self, connection, number):
        with connection.cursor() as cursor:
            cursor.execute(INSERT.format(self.key, number))
            return int(cursor.fetchone()[0], 16)

    def end(self):
        self.stopping.set()

    def gap(self, began, ended):
        """The longest time in seconds without an acknowledged write."""
        times = [began, *(w.answered for w in self.writes), ended]
        return max(after - before for before, after in zip(times, times[1:]))


class Watcher(threading.Thread):
    """
    Sits in one server's container and writes by its socket, so that it still sees a writer that is cut
    off from all networks. Notes what the server accepted, and what it acknowledged.
    """

    def __init__(self, stack, node, run_id):
        super().__init__(daemon=True)
        self.node = node
        self.source = f"in {node}"
        self.key = f"{run_id}-in-{node}"
        self.command = ["docker", "exec", "-i", stack.container(SERVERS[node]), "psql", "-XqAt"]
        self.command += ["-U", "postgres", "-d", DATABASE]
        self.accepted = []
        self.writes = []
        self.number = 0
        self.process = None
        self.stopping = threading.Event()

    def run(self):
        while not self.stopping.is_set():
            self.process = subprocess.Popen(
                self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL, text=True, bufsize=1
            )
            try:
                while not self.stopping.is_set() and self.one_write():
                    self.stopping.wait(0.15)
            except (OSError, ValueError):
                # Not a session: docker says here, too, that the container does not run.
                pass
            self.process.kill()
            self.process.wait()
            self.stopping.wait(0.5)

    def one_write(self):
        """False once the session has ended. A refused write is no end."""
        self.number += 1
        insert = INSERT.format(self.key, self.number)
        sent = time.monotonic()
        # The insert's answer comes before the commit's, which may wait for a standby for long.
        self.process.stdin.write(f"begin;\n{insert};\ncommit;\nselect 'ended';\n")
        answer = self.process.stdout.readline().strip()
        accepted = None
        if answer and answer != "ended":
            accepted = Write(
                self.source, self.node, int(answer, 16), self.number, sent, time.monotonic()
            )
            self.accepted.append(accepted)
            answer = self.process.stdout.readline().strip()
        # psql ends when its connection is lost: nothing comes then.
        if answer != "ended":
            return False
        if accepted:
            self.writes.append(accepted._replace(answered=time.monotonic()))
        return True

    def end(self):
        """The session may hang: in a paused container, or waiting for a standby."""
        self.stopping.set()
        if self.process:
            self.process.kill()


class Traffic:
    """All writers of one case. @param run_id distinct for each case on one stack"""

    def __init__(self, stack, run_id):
        self.stack = stack
        self.run_id = run_id
        password = stack.password()
        ports = [(node, stack.port(node)) for node in SERVERS]
        self.writers = [
            # The gateway holds whom it cannot lead anywhere for 15 s.
            Writer("gateway", run_id, [(None, stack.gateway_port())], password, patience=20),
            Writer("ports", run_id, ports, password, patience=3),
        ]
        self.watchers = [Watcher(stack, node, run_id) for node in SERVERS]

    def start(self):
        self.began = time.monotonic()
        for each in (*self.writers, *self.watchers):
            each.start()

    def stop(self):
        self.ended = time.monotonic()
        for each in (*self.writers, *self.watchers):
            each.end()
        for each in (*self.writers, *self.watchers):
            each.join(30)

    def gaps(self):
        return {w.source: w.gap(self.began, self.ended) for w in self.writers}

    def acknowledged(self):
        return [w for each in (*self.writers, *self.watchers) for w in each.writes]

    def accepted(self):
        return [w for watcher in self.watchers for w in watcher.accepted]

    def numbers(self):
        """What is owed: the acknowledged numbers of each writer, by its key."""
        everybody = (*self.writers, *self.watchers)
        return {each.key: {w.number for w in each.writes} for each in everybody}


def prepare(stack):
    """A database that belongs to Odoo's role, as Odoo's own would."""
    leader = stack.leader()
    exists = "select count(*) from pg_database where datname = 'stack'"
    if stack.sql(leader, exists) == "0":
        stack.sql(leader, f"create database {DATABASE} owner odoo")
    stack.sql(
        leader,
        "create table if not exists written (writer text, number bigint, primary key (writer, number));"
        " alter table written owner to odoo",
        DATABASE,
    )

