"""How Odoo 19 keeps its connections to PostgreSQL (its sql_db.py and orm/registry.py), with psycopg2."""

import collections
import threading
import time

import psycopg2
from psycopg2.extensions import ISOLATION_LEVEL_REPEATABLE_READ

from words import say, words

REPLICA_RETRY_SECONDS = 20 * 60


class Pool:
    """Odoo's ConnectionPool, of one process and one of its two endpoints."""

    def __init__(self, host, port, login, readonly, reset_on_return):
        self.target = {"host": host, "port": port, "user": login.user, "application_name": "odoo-pool"}
        self.readonly = readonly
        self.reset_on_return = reset_on_return
        self.lock = threading.Lock()
        self.idle = []
        self.connects = 0
        self.refusals = collections.Counter()
        self.dropped = 0
        self.longest_connect = 0.0

    def borrow(self, database, step):
        """An idle connection that could be reset, else a new one."""
        step("wait for the pool")
        with self.lock:
            for candidate in [c for c in self.idle if c[0] == database]:
                self.idle.remove(candidate)
                connection = candidate[1]
                step("reset")
                if self.is_reset(connection):
                    return connection
            step("connect")
            return self.connect(database)

    def is_reset(self, connection):
        try:
            if not connection.closed:
                connection.reset()
                return True
        except psycopg2.OperationalError:
            if not connection.closed:
                connection.close()
        self.dropped += 1
        return False

    def connect(self, database):
        began = time.monotonic()
        self.connects += 1
        try:
            return psycopg2.connect(dbname=database, **self.target)
        except psycopg2.Error as e:
            self.refusals[words(e)] += 1
            raise
        finally:
            self.longest_connect = max(self.longest_connect, time.monotonic() - began)

    def give_back(self, database, connection):
        with self.lock:
            if connection.closed or (self.reset_on_return and not self.is_reset(connection)):
                return
            self.idle.append((database, connection))


class Cursor:
    """A borrowed connection; one transaction after the other until it is closed."""

    def __init__(self, pool, database, step):
        self.pool = pool
        self.database = database
        self.step = step
        self.connection = pool.borrow(database, step)
        self.connection.set_session(
            isolation_level=ISOLATION_LEVEL_REPEATABLE_READ, readonly=pool.readonly
        )
        self.cursor = self.connection.cursor()
        self.begun = False

    def execute(self, sql, values=()):
        # psycopg2 sends BEGIN right before the first statement.
        self.step("statement" if self.begun else "begin")
        self.cursor.execute(sql, values)
        self.begun = True
        return self.cursor.fetchall() if self.cursor.description else []

    def commit(self):
        """Whether the server kept silent, which a commit that was not replicated as asked does not."""
        self.step("commit")
        del self.connection.notices[:]
        self.connection.commit()
        self.begun = False
        return not self.connection.notices

    def close(self, failed_at=None):
        """What failed is told with the step at which it did, not with this one."""
        self.step(failed_at or ("rollback" if self.begun else "return"))
        try:
            if not self.connection.closed:
                self.connection.rollback()
        finally:
            self.pool.give_back(self.database, self.connection)


class Registry:
    """Chooses the pool, as Registry.cursor does."""

    def __init__(self, options):
        self.options = options
        self.read_write = self.pool(options.rw, False)
        self.read_only = self.pool(options.ro, True) if options.ro else None
        self.read_only_failed = None
        self.fallbacks = 0

    def pool(self, endpoint, readonly):
        host, port = endpoint.rsplit(":", 1)
        return Pool(host, int(port), self.options, readonly, self.options.reset == "both")

    def cursor(self, readonly, step):
        database = self.options.database
        if readonly and self.read_only:
            failed = self.read_only_failed
            if failed is None or time.monotonic() > failed + REPLICA_RETRY_SECONDS:
                try:
                    cursor = Cursor(self.read_only, database, step)
                    self.read_only_failed = None
                    return cursor
                except psycopg2.OperationalError as e:
                    self.read_only_failed = time.monotonic()
                    say("fallback", error=words(e))
            self.fallbacks += 1
        return Cursor(self.read_write, database, step)
