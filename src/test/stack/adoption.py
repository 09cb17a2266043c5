#!/usr/bin/python3
"""The seed's own stack, filled and written to, then adopted, failed over, taken back. Prints what held."""

import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import time

from cases import kill_process
from judge import load, lost_rows
from stack import PORTS, ROOT, SERVERS, Stack, docker, free_port, run, wait_until
from traffic import DATABASE, Writer

OURS = ("docker-compose.yml", "deploy", "pg_primary", "pg_replica")
SEED = pathlib.Path(__file__).parent / "seed"
DATA = "/var/lib/postgresql/data"


class OldStack(Stack):
    """A folder as a user has it: the seed's files first, then ours over them. Same project, same volumes."""

    def __init__(self, project, work):
        self.project = project
        self.work = pathlib.Path(work)
        self.folder = self.work / "psql"
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(SEED, self.folder)
        settings = {name: free_port() for name in PORTS} | {
            "COMPOSE_PROJECT_NAME": project,
            "PG_PRIMARY_CONTAINER": f"{project}-pg_primary",
            "PG_REPLICA_CONTAINER": f"{project}-pg_replica",
        }
        wanted = ("KUMKI_IMAGE", "KUMKI_TTL")
        settings |= {name: os.environ[name] for name in wanted if name in os.environ}
        self.settings = {name: str(value) for name, value in settings.items()}
        text = "".join(f"{k}={v}\n" for k, v in settings.items())
        (self.folder / ".env").write_text(text)
        shutil.copy(SEED.parent / "seed-lab.yml", self.folder / "docker-compose.override.yml")

    def lay_ours_over(self):
        for name in OURS:
            source, target = ROOT / name, self.folder / name
            if source.is_dir():
                shutil.copytree(source, target, dirs_exist_ok=True)
            else:
                shutil.copy(source, target)
        shutil.copy(self.without_pgadmin(), self.folder / "docker-compose.override.yml")

    def lay_the_seed_over(self):
        shutil.copytree(SEED, self.folder, dirs_exist_ok=True)
        shutil.copy(SEED.parent / "seed-lab.yml", self.folder / "docker-compose.override.yml")

    def own_environment(self):
        own = {k: v for k, v in os.environ.items() if k not in self.settings}
        extra = [f for f in os.environ.get("STACK_FILES", "").split(":") if f]
        if extra and "agent-primary" in (self.folder / "docker-compose.yml").read_text():
            own["COMPOSE_FILE"] = ":".join(["docker-compose.yml", "docker-compose.override.yml", *extra])
        return own

    def call(self, *command, check=True):
        """Exit code and all output of a command run in the folder, as the user would."""
        done = subprocess.run(
            command, cwd=self.folder, env=self.own_environment(), text=True, timeout=1200,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        if check and done.returncode != 0:
            raise AssertionError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}")
        return done.returncode, done.stdout

    def compose(self, *arguments, **options):
        return self.call("docker", "compose", *arguments, **options)[1]

    def adopt(self, *arguments, check=True):
        return self.call("bash", "deploy/compose/adopt.sh", *arguments, check=check)

    def password(self):
        return "odoo"

    def streams(self):
        text = self.sql("pg-replica", "select status from pg_stat_wal_receiver")
        return text == "streaming"

    def look(self, volume):
        """The names in a volume's root."""
        names = docker(
            "run", "--rm", "--network", "none", "-v", f"{self.project}_{volume}:/look:ro",
            "--entrypoint", "ls", self.image(), "-A", "/look"
        )
        return set(names.split())

    def image(self):
        return os.environ.get("POSTGRES_IMAGE", "postgres:16")


class Owed:
    """A writer through the published ports, and what it was promised; stands in for Traffic."""

    def __init__(self, stack, run_id):
        ports = [(node, stack.port(node)) for node in SERVERS]
        self.writer = Writer("ports", run_id, ports, "odoo", patience=5)
        self.began = time.monotonic()
        self.writer.start()

    def stop(self):
        self.writer.end()
        self.writer.join(30)

    def numbers(self):
        return {self.writer.key: {w.number for w in self.writer.writes}}

    def gap(self):
        return self.writer.gap(self.began, time.monotonic())


def expect(condition, sentence):
    if not condition:
        raise AssertionError(sentence)


def fill(stack):
    stack.sql("pg-primary", f"create database {DATABASE} owner odoo")
    stack.sql(
        "pg-primary",
        "create table written (writer text, number bigint, primary key (writer, number));"
        " alter table written owner to odoo; create table old as select generate_series(1, 50000) i",
        DATABASE,
    )


def old_rows(stack, node):
    return stack.sql(node, "select count(*) from old", DATABASE)


def healthy_rows(stack, owed, what):
    stack.wait_healthy(within=600)
    time.sleep(2)
    owed.stop()
    lost = lost_rows(stack, owed)
    rows = len(owed.writer.writes)
    print(f"| {what} | {owed.gap():.1f} | {rows} | {sum(lost.values())} | {load()} |", flush=True)
    expect(rows > 0 and not any(lost.values()), f"{what}: lost {lost} of {rows} acknowledged rows")
    for node in SERVERS:
        expect(old_rows(stack, node) == "50000", f"{what}: {node} lacks the old rows")


def readied(stack):
    """Checked, readied, taken back, readied twice; the old stack serves all the while, and after a restart."""
    stack.compose("up", "-d", "--wait")
    fill(stack)
    stack.lay_ours_over()
    owed = Owed(stack, "readied")
    hba = stack.sql("pg-primary", "select pg_read_file('pg_hba.conf')")
    stack.adopt("--check")
    expect("kumki-adopt" not in stack.look("primary_data"), "--check left something behind")
    stack.adopt()
    stack.adopt("--undo")
    expect(stack.sql("pg-primary", "select pg_read_file('pg_hba.conf')") == hba, "--undo: pg_hba.conf")
    roles = stack.sql("pg-primary", "select count(*) from pg_roles where rolname = 'kumki'")
    expect(roles == "0", "--undo left the role kumki")
    docker("restart", stack.container("pg_replica"))
    wait_until("the replica streams after --undo", 120, stack.streams)
    stack.adopt()
    stack.adopt()
    owed.stop()
    print(f"| readied | {owed.gap():.1f} | {len(owed.writer.writes)} | | {load()} |", flush=True)
    docker("restart", stack.container("pg_replica"))
    wait_until("the replica streams once readied", 120, stack.streams)
    secret = stack.call("docker", "compose", "run", "--rm", "-T", "secrets", "show")[1]
    secret = next(line.split()[-1] for line in secret.splitlines() if line.startswith("replicator"))
    for service in SERVERS.values():
        told = stack.call("docker", "logs", stack.container(service))[1]
        expect(secret not in told, f"the log of {service} has the replicator's password")


def adopted(stack):
    """Readied and switched under a writer, failed over and back, taken out again."""
    stack.compose("up", "-d", "--wait")
    fill(stack)
    stack.lay_ours_over()
    owed = Owed(stack, "switch")
    stack.adopt()
    stack.compose("up", "-d", "--timeout", "120")
    healthy_rows(stack, owed, "switch")
    stack.adopt("--finish")
    for node in SERVERS:
        slots = stack.sql(node, "select count(*) from pg_replication_slots where slot_name = 'replica_slot'")
        expect(slots == "0", f"--finish left replica_slot on {node}")
    fail_over(stack)
    way_back(stack)


def fail_over(stack):
    for what in ("failover", "failover back"):
        old = stack.leader()
        owed = Owed(stack, what)
        time.sleep(2)
        kill_process(stack.container(SERVERS[old]))
        wait_until("the other leads", 300, lambda: stack.leader() == stack.other(old))
        healthy_rows(stack, owed, what)


def way_back(stack):
    """A Kumki volume without Kumki: docs/ADOPTION.md, Way back."""
    volume = "primary_data" if stack.leader() == "pg-primary" else "replica_data"
    owed = stack.sql(stack.leader(), "select count(*) from written", DATABASE)
    stack.compose("down", "--timeout", "120")
    target = f"{stack.project}_{volume}:{DATA}"
    docker(
        "run", "--rm", "--network", "none", "--user", "postgres", "-v", target, "--entrypoint", "bash", stack.image(),
        "-c", f"cd {DATA}/pgdata && rm -f kumki.conf standby.signal"
    )
    name = f"{stack.project}-alone"
    docker("run", "-d", "--name", name, "-v", target, "-e", f"PGDATA={DATA}/pgdata", stack.image())
    try:
        psql = ("exec", name, "psql", "-XAtU", "postgres", "-d", DATABASE, "-c")
        count = "select count(*) from written"
        wait_until("it serves alone", 60, lambda: docker(*psql, count).strip() == owed)
        docker(*psql, "insert into written values ('alone', 1)")
    finally:
        docker("rm", "-fv", name)


def wrong_order(stack):
    """docker compose up with our files and without adopt.sh: refused, nothing moved; then the way back."""
    stack.compose("up", "-d", "--wait")
    fill(stack)
    wait_until("the replica streams", 60, stack.streams)
    before = stack.look("primary_data"), stack.look("replica_data")
    stack.lay_ours_over()
    code, words = stack.call("docker", "compose", "up", "-d", "--wait", check=False)
    words += stack.compose("logs")
    expect(code != 0, "docker compose up did not fail")
    expect("adopt.sh" in words, f"nothing points to adopt.sh:\n{words}")
    after = stack.look("primary_data"), stack.look("replica_data")
    for now, then in zip(after, before):
        expect(then - now <= {"postmaster.pid"} and not now - then, f"changed in the volume: {now ^ then}")
    code, words = stack.adopt("--check", check=False)
    expect(code == 65, f"adopt.sh took a stack that does not run: {words}")
    stack.compose("stop")
    stack.lay_the_seed_over()
    stack.compose("up", "-d", "--wait", "--remove-orphans")
    wait_until("the replica streams again", 60, stack.streams)
    for node in SERVERS:
        expect(old_rows(stack, node) == "50000", f"{node} lacks rows after the wrong order")
    print("wrong order: refused, nothing moved, the old files serve on")


def alone(stack):
    """A primary without a replica: Kumki clones one."""
    stack.compose("up", "-d", "--wait", "pg_primary")
    fill(stack)
    stack.lay_ours_over()
    owed = Owed(stack, "alone")
    stack.adopt()
    stack.adopt()
    stack.compose("up", "-d", "--timeout", "120")
    healthy_rows(stack, owed, "primary alone")


CASES = {"readied": readied, "adopted": adopted, "wrong-order": wrong_order, "alone": alone}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep", action="store_true", help="leave what failed as it is")
    parser.add_argument("cases", nargs="*", metavar="CASE", help=f"default: {', '.join(CASES)}")
    given = parser.parse_args()
    unknown = [name for name in given.cases if name not in CASES]
    if unknown:
        parser.error(f"no case {', '.join(unknown)}. Nothing was done.")
    project = os.environ.get("STACK_PROJECT", "kumki-adoption")
    print("| step | longest time without a write, s | rows acknowledged | lost | load |", flush=True)
    print("| --- | --- | --- | --- | --- |", flush=True)
    for name in given.cases or CASES:
        stack = OldStack(project, ROOT / "target" / project)
        remove(project)
        CASES[name](stack)
        print(f"{name}: holds", flush=True)
        if not given.keep:
            remove(project)
    return 0


def remove(project):
    """By the project's label: the folder may hold either file."""
    label = f"label=com.docker.compose.project={project}"
    for kind, end in (("container", "-fv"), ("volume", "-f"), ("network", "-f")):
        listing = ("ls", "-aq") if kind == "container" else ("ls", "-q")
        names = docker(kind, *listing, "--filter", label).split()
        if names:
            run("docker", kind, "rm", end, *names)


if __name__ == "__main__":
    sys.exit(main())
