"""What a request does with its connections (Odoo 19's http.py and service/model.py)."""

import time

import psycopg2
from psycopg2 import errorcodes

TRIES = 5
CONCURRENCY = {
    errorcodes.LOCK_NOT_AVAILABLE,
    errorcodes.SERIALIZATION_FAILURE,
    errorcodes.DEADLOCK_DETECTED,
}
PARTNERS = 1000


class Request:
    """One request: a read-only transaction to find the route, then its work."""

    def __init__(self, worker, dice):
        self.worker = worker
        self.dice = dice
        self.phase = "not begun"
        self.kind = "ro"
        self.retries = 0

    def step(self, phase):
        self.phase = phase

    def think(self):
        time.sleep(self.dice.uniform(0, self.worker.options.think_ms / 1000))

    def run(self):
        self.in_cursor(True, self.find_route)
        if self.dice.random() < 0.5:
            self.in_cursor(True, self.read)
        elif self.dice.random() < 0.8:
            self.kind = "rw"
            self.in_cursor(False, self.write)
        else:
            self.kind = "rw, two commits"
            self.in_cursor(False, self.write_twice)

    def in_cursor(self, readonly, work):
        cursor = self.worker.registry.cursor(readonly, self.step)
        try:
            self.retrying(cursor, work)
        except BaseException:
            cursor.close(self.phase)
            raise
        cursor.close()

    def retrying(self, cursor, work):
        for attempt in range(1, TRIES + 1):
            try:
                return work(cursor)
            except psycopg2.OperationalError as e:
                if e.pgcode not in CONCURRENCY or attempt == TRIES:
                    raise
                cursor.connection.rollback()
                cursor.begun = False
                self.retries += 1
                time.sleep(self.dice.uniform(0, 2**attempt))

    def find_route(self, cursor):
        cursor.execute("select count(*) from pool_partner where id <= 3")
        self.think()

    def read(self, cursor):
        for _ in range(self.dice.randint(1, 3)):
            first = self.dice.randrange(PARTNERS)
            cursor.execute("select * from pool_partner where id between %s and %s", (first, first + 40))
            self.think()

    def write(self, cursor):
        number = self.worker.next_number()
        partner = self.worker.partner_of(number)
        cursor.execute("select visits from pool_partner where id = %s", (partner,))
        for _ in range(self.dice.randint(0, 2)):
            self.think()
            cursor.execute("select name from pool_partner where id = %s", (self.dice.randrange(PARTNERS),))
        self.think()
        cursor.execute("update pool_partner set visits = visits + 1 where id = %s", (partner,))
        cursor.execute("insert into pool_row (n) values (%s)", (number,))
        self.worker.committed(number, cursor.commit())

    def write_twice(self, cursor):
        self.write(cursor)
        self.think()
        self.write(cursor)
