#!/usr/bin/python3
"""A client that uses PostgreSQL as Odoo 19 does.

Two pools in each process, read-only and read/write. One lock for each pool, held while it connects and
while it resets a connection. A connection is reset with DISCARD ALL when it is borrowed; one that is
found dead by that is dropped without a word. Nothing is retried inside a transaction except a
concurrency error, and nothing ever has a timeout. A read-only pool that cannot connect is not used
for 20 minutes. A cron thread listens on the database "postgres" and ends if it cannot reconnect.

Requests begin by the clock, whether or not earlier ones have ended (open loop); how long one took
counts from the instant at which it was due.

  odoo_pool.py prepare --rw HOST:PORT [--ro HOST:PORT]      makes the tables
  odoo_pool.py run     --rw HOST:PORT [--ro HOST:PORT] ...  prints a JSON object a line, the summary last
  odoo_pool.py check   --rw HOST:PORT --ledger FILE         which acknowledged rows are missing there

The password comes from PGPASSWORD. SIGTERM ends a run early, with its summary.
"""

import argparse
import collections
import json
import os
import queue
import random
import select
import signal
import sys
import threading
import time

import psycopg2

from odoo_connections import Cursor, Registry
from odoo_requests import PARTNERS, Request
from words import say, words

# How long requests that are under way may still take once the run is over.
GRACE_SECONDS = 40


class Worker:
    """One process of Odoo."""

    def __init__(self, options, index):
        self.options = options
        self.index = index
        self.registry = Registry(options)
        self.lock = threading.Lock()
        self.due = queue.SimpleQueue()
        self.ending = threading.Event()
        self.number = 0
        self.tally = collections.Counter()
        self.phases = collections.Counter()
        self.errors = collections.Counter()
        self.took = []
        self.service = []
        self.acknowledged = []
        self.doubtful = []

    def next_number(self):
        with self.lock:
            self.number += 1
            # Rows of another run, or another process, never have the same number.
            return (self.options.tenths * 100 + self.index) * 1_000_000 + self.number

    def partner_of(self, number):
        """No two requests under way change the same row: a conflict would be the client's own."""
        return (number % 1_000_000 * self.options.processes + self.index) % PARTNERS

    def committed(self, number, silently):
        with self.lock:
            (self.acknowledged if silently else self.doubtful).append(number)

    def work(self, start, end):
        signal.signal(signal.SIGTERM, lambda *_: self.ending.set())
        signal.signal(signal.SIGINT, lambda *_: self.ending.set())
        threads = [
            threading.Thread(target=self.serve, args=(i,), daemon=True) for i in range(self.options.threads)
        ]
        threading.Thread(target=self.cron, daemon=True).start()
        for thread in threads:
            thread.start()
        self.schedule(start, end)
        for _ in threads:
            self.due.put(None)
        limit = time.monotonic() + GRACE_SECONDS
        for thread in threads:
            thread.join(max(0, limit - time.monotonic()))
        return self.summary(sum(thread.is_alive() for thread in threads))

    def schedule(self, start, end):
        pause = self.options.processes / self.options.rate
        due = start + self.index / self.options.rate
        while due < end and not self.ending.wait(max(0, due - time.time())):
            self.due.put(due)
            due += pause

    def serve(self, thread):
        dice = random.Random(f"{self.options.seed} {self.index} {thread}")
        while (due := self.due.get()) is not None:
            self.one(due, Request(self, dice))

    def one(self, due, request):
        began = time.time()
        failure = None
        try:
            request.run()
        except Exception as e:  # whatever it is, Odoo's client would see it
            failure = e
        now = time.time()
        with self.lock:
            self.tally.update(requests=1, retries=request.retries, failed=failure is not None)
            self.took.append(now - due)
            self.service.append(now - began)
            if failure:
                self.phases[request.phase] += 1
                self.errors[words(failure)] += 1
        if failure or self.options.every or now - due > self.options.slow:
            told = {"phase": request.phase, "error": words(failure)} if failure else {}
            say(
                "request",
                due=due,
                took=round(now - due, 4),
                service=round(now - began, 4),
                ok=failure is None,
                kind=request.kind,
                **told,
            )

    def cron(self):
        """Listens until its connection breaks, then connects once more; ends if that fails."""
        try:
            while not self.ending.is_set():
                self.listen()
                self.tally["cron_reconnects"] += 1
                say("cron", what="connection lost, connecting again")
        except Exception as e:
            self.tally["cron_deaths"] += 1
            say("cron", what="died", error=words(e))

    def listen(self):
        cursor = Cursor(self.registry.read_write, "postgres", lambda _: None)
        recovering = cursor.execute("select pg_is_in_recovery()")[0][0]
        if recovering:
            self.tally["cron_on_standby"] += 1
        else:
            cursor.execute("listen cron_trigger")
        cursor.commit()
        while True:
            select.select([cursor.connection], [], [], 60)
            try:
                cursor.connection.poll()
            except Exception:
                if cursor.connection.closed:
                    return
                raise

    def summary(self, hanging):
        pools = [p for p in (self.registry.read_write, self.registry.read_only) if p]
        self.tally.update(
            hanging=hanging,
            fallbacks=self.registry.fallbacks,
            connects=sum(p.connects for p in pools),
            refused=sum(sum(p.refusals.values()) for p in pools),
            dropped=sum(p.dropped for p in pools),
        )
        return {
            "tally": self.tally,
            "phases": self.phases,
            "errors": self.errors,
            "refusals": sum((p.refusals for p in pools), collections.Counter()),
            "took": self.took,
            "service": self.service,
            "acknowledged": self.acknowledged,
            "doubtful": self.doubtful,
            "longest_connect": max(p.longest_connect for p in pools),
        }


def percentile(values, share):
    return round(sorted(values)[min(len(values) - 1, int(len(values) * share))], 4) if values else None


def run(options):
    options.tenths = int(time.time() * 10)
    start = time.time() + 0.3
    end = start + options.seconds
    children = []
    for index in range(options.processes):
        reader, writer = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(reader)
            summary = Worker(options, index).work(start, end)
            with os.fdopen(writer, "w") as out:
                json.dump(summary, out)
            # A thread that hangs in the driver would keep the process.
            os._exit(0)
        os.close(writer)
        children.append((pid, reader))

    def stop(*_):
        for pid, _reader in children:
            os.kill(pid, signal.SIGTERM)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    summaries = []
    for pid, reader in children:
        with os.fdopen(reader) as source:
            summaries.append(json.load(source))
        os.waitpid(pid, 0)
    conclude(options, summaries)


def conclude(options, summaries):
    def joined(key):
        return [value for summary in summaries for value in summary[key]]

    def added(key):
        return dict(sum((collections.Counter(s[key]) for s in summaries), collections.Counter()))

    tally = added("tally")
    names = (
        "requests failed refused fallbacks hanging retries connects dropped"
        " cron_reconnects cron_deaths cron_on_standby"
    )
    acknowledged, doubtful = joined("acknowledged"), joined("doubtful")
    if options.ledger:
        with open(options.ledger, "w", encoding="utf-8") as out:
            json.dump({"acknowledged": acknowledged, "doubtful": doubtful}, out)
    took, service = joined("took"), joined("service")
    say(
        "summary",
        **{name: tally.get(name, 0) for name in names.split()},
        phases=added("phases"),
        errors=added("errors"),
        refusals=added("refusals"),
        longest=round(max(took, default=0), 4),
        p50=percentile(took, 0.5),
        p99=percentile(took, 0.99),
        service_longest=round(max(service, default=0), 4),
        service_p50=percentile(service, 0.5),
        service_p99=percentile(service, 0.99),
        longest_connect=round(max(s["longest_connect"] for s in summaries), 4),
        acknowledged=len(acknowledged),
        doubtful=len(doubtful),
    )


def connect(endpoint, options):
    host, port = endpoint.rsplit(":", 1)
    connection = psycopg2.connect(
        host=host, port=int(port), user=options.user, dbname=options.database, connect_timeout=10
    )
    connection.autocommit = True
    return connection


def prepare(options):
    """Makes the tables and waits until the read-only endpoint shows them."""
    cursor = connect(options.rw, options).cursor()
    cursor.execute("set client_min_messages = warning")
    cursor.execute("create table if not exists pool_row (n bigint primary key, at timestamptz default now())")
    cursor.execute("create table if not exists pool_partner (id int primary key, name text, visits int)")
    cursor.execute(
        "insert into pool_partner select i, 'partner ' || i, 0 from generate_series(0, %s) i"
        " on conflict do nothing",
        (PARTNERS - 1,),
    )
    limit = time.monotonic() + 20
    while options.ro:
        cursor = connect(options.ro, options).cursor()
        cursor.execute("select to_regclass('pool_partner')")
        if cursor.fetchone()[0]:
            cursor.execute("select count(*) from pool_partner")
            if cursor.fetchone()[0] == PARTNERS:
                return
        if time.monotonic() > limit:
            sys.exit(f"{options.ro} does not show the new tables after 20 s")
        time.sleep(0.1)


def check(options):
    with open(options.ledger, encoding="utf-8") as source:
        ledger = json.load(source)
    cursor = connect(options.rw, options).cursor()
    cursor.execute("select n from pool_row")
    kept = {row[0] for row in cursor.fetchall()}
    lost = [n for n in ledger["acknowledged"] if n not in kept]
    doubtful = [n for n in ledger["doubtful"] if n not in kept]
    say(
        "check",
        acknowledged=len(ledger["acknowledged"]),
        lost=len(lost),
        doubtful_lost=len(doubtful),
        examples=lost[:5],
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("command", choices=["prepare", "run", "check"])
    parser.add_argument("--rw", required=True, help="HOST:PORT for everything")
    parser.add_argument("--ro", help="HOST:PORT for read-only transactions; default: none, as in Odoo")
    parser.add_argument("--user", default="odoo")
    parser.add_argument("--database", default="odoo")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--threads", type=int, default=16, help="of each process")
    parser.add_argument("--rate", type=float, default=20, help="requests a second, of all together")
    parser.add_argument("--seconds", type=float, default=30, help="when the run ends by itself")
    parser.add_argument("--think-ms", type=float, default=10, help="longest pause between statements")
    parser.add_argument("--reset", choices=["borrow", "both"], default="borrow", help="when DISCARD ALL")
    parser.add_argument("--slow", type=float, default=1.0, help="tell of requests longer than this, in s")
    parser.add_argument("--every", action="store_true", help="tell of every request")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--ledger", help="file for the numbers of the acknowledged rows")
    options = parser.parse_args()
    {"prepare": prepare, "run": run, "check": check}[options.command](options)


if __name__ == "__main__":
    main()
