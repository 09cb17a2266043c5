"""One compose stack of our own: project, ports and passwords apart from any other on this engine."""

import configparser
import json
import os
import pathlib
import socket
import subprocess
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[3]
SERVERS = {"pg-primary": "pg_primary", "pg-replica": "pg_replica"}
AGENTS = {"pg-primary": "agent-primary", "pg-replica": "agent-replica", "witness": "witness"}
PORTS = (
    "PG_PRIMARY_PORT PG_REPLICA_PORT AGENT_PRIMARY_PORT AGENT_REPLICA_PORT WITNESS_PORT "
    "GATEWAY_RW_PORT GATEWAY_RO_PORT PGADMIN_PORT"
).split()
IMAGES = ("POSTGRES_IMAGE", "KUMKI_IMAGE", "PGADMIN_IMAGE")
STEADY_SECONDS = 8
HEALTHY_WITHIN_SECONDS = 240


class Unmet(RuntimeError):
    """What was waited for did not come."""


def run(*command, check=True, timeout=600, env=None):
    """The standard output of a command. Raises RuntimeError with its last words if it failed."""
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=timeout, env=env, stdin=subprocess.DEVNULL
    )
    if check and done.returncode != 0:
        words = (done.stderr or done.stdout).strip().splitlines()[-3:]
        shown = " ".join((command[0], *command[-4:]))
        raise RuntimeError(f"{shown} ended with {done.returncode}: {' / '.join(words)}")
    return done.stdout


def docker(*arguments, **options):
    return run("docker", *arguments, **options)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(what, seconds, condition, pause=0.5):
    """The first true answer of the condition, which may also raise OSError or RuntimeError."""
    end = time.monotonic() + seconds
    last = "nothing yet"
    while time.monotonic() < end:
        try:
            answer = condition()
            if answer:
                return answer
        except (OSError, RuntimeError, ValueError) as e:
            last = e
        time.sleep(pause)
    raise Unmet(f"not within {seconds} s: {what} ({last})")


class Stack:
    """@param project name of the compose project; @param work folder for its settings and logs."""

    def __init__(self, project, work):
        self.project = project
        self.work = pathlib.Path(work)
        self.work.mkdir(parents=True, exist_ok=True)
        self.settings_file = self.work / "stack.env"
        if not self.settings_file.exists():
            self.write_settings()
        self.settings = dict(
            line.split("=", 1) for line in self.settings_file.read_text().splitlines()
        )
        self.files = [ROOT / "docker-compose.yml"]
        # More files, for a machine on which something must differ: split by a colon, as COMPOSE_FILE.
        self.files += [f for f in os.environ.get("STACK_FILES", "").split(":") if f]
        if not docker("images", "-q", os.environ.get("PGADMIN_IMAGE", "dpage/pgadmin4:latest")):
            self.files.append(self.without_pgadmin())

    def write_settings(self):
        settings = {name: free_port() for name in PORTS}
        settings |= {
            "COMPOSE_PROJECT_NAME": self.project,
            "PG_PRIMARY_CONTAINER": f"{self.project}-pg_primary",
            "PG_REPLICA_CONTAINER": f"{self.project}-pg_replica",
            "PGADMIN_CONTAINER": f"{self.project}-pgadmin",
            # One password that is given, with what quoting gets wrong; the others are generated.
            "REPL_PASSWORD": "given:by\\hand's",
            # Odoo in direct mode: odoo.conf names the published ports themselves.
            "ODOO_GATEWAY": "",
            "ODOO_ENDPOINTS": f"pg-primary=127.0.0.1:{settings['PG_PRIMARY_PORT']},"
            f"pg-replica=127.0.0.1:{settings['PG_REPLICA_PORT']}",
        }
        settings |= {name: os.environ[name] for name in IMAGES if name in os.environ}
        self.settings_file.write_text("".join(f"{k}={v}\n" for k, v in settings.items()))

    def without_pgadmin(self):
        """No part of these tests: left out where its image is neither here nor can be fetched."""
        file = self.work / "no-pgadmin.yml"
        file.write_text("services:\n  pgadmin:\n    profiles: [never]\n")
        return file

    def compose_command(self):
        files = [part for file in self.files for part in ("-f", str(file))]
        return ["docker", "compose", "--env-file", str(self.settings_file)] + [
            "--project-directory", str(ROOT), *files
        ]

    def compose(self, *arguments, **options):
        # What the caller's shell exports would win over the settings.
        own = {k: v for k, v in os.environ.items() if k not in self.settings}
        return run(*self.compose_command(), *arguments, env=own, **options)

    def kumki(self, *arguments):
        """The command line, in a container of its own beside the agents."""
        agents = ",".join(f"{service}:8008" for service in reversed(AGENTS.values()))
        return self.compose(
            "run", "--rm", "--no-deps", "-T", "witness", *arguments, "--api", agents
        )

    def container(self, service):
        if service in SERVERS.values():
            return f"{self.project}-{service}"
        return f"{self.project}-{service}-1"

    def containers(self):
        return [self.container(s) for s in (*SERVERS.values(), *AGENTS.values())]

    def port(self, node):
        name = {"pg-primary": "PG_PRIMARY_PORT", "pg-replica": "PG_REPLICA_PORT"}[node]
        return int(self.settings[name])

    def gateway_port(self):
        return int(self.settings["GATEWAY_RW_PORT"])

    def password(self):
        return self.in_server("cat /run/secrets/odoo").strip()

    def in_server(self, script):
        """Runs a script of bash in whichever server container takes it."""
        for service in SERVERS.values():
            try:
                return docker("exec", self.container(service), "bash", "-c", script)
            except RuntimeError as e:
                last = e
        raise last

    def sql(self, node, statement, database="postgres"):
        """As superuser, inside the server's own container: no network, no published port."""
        return docker(
            "exec", self.container(SERVERS[node]), "psql", "-XqAt", "-v", "ON_ERROR_STOP=1",
            "-U", "postgres", "-d", database, "-c", statement, timeout=15
        ).strip()

    def cluster(self):
        """The first answer of an agent that knows a leader, else RuntimeError."""
        for name in ("WITNESS_PORT", "AGENT_PRIMARY_PORT", "AGENT_REPLICA_PORT"):
            url = f"http://127.0.0.1:{self.settings[name]}/api/v1/cluster"
            try:
                with urllib.request.urlopen(url, timeout=2) as answer:
                    cluster = json.load(answer)
                if cluster.get("leader"):
                    return cluster
            except (OSError, ValueError):
                continue
        raise RuntimeError("no agent knows a leader")

    def leader(self):
        return self.cluster()["leader"]

    def other(self, node):
        return next(n for n in SERVERS if n != node)

    def unhealthy(self):
        """Why the stack is not healthy, or an empty text."""
        states = docker(
            "inspect", "-f", "{{.Name}} {{.State.Status}} {{.State.Health.Status}}",
            *self.containers(), check=False
        ).splitlines()
        if len(states) < len(self.containers()):
            return "a container is missing"
        for state in states:
            if not state.endswith(" running healthy"):
                return state
        try:
            cluster = self.cluster()
        except RuntimeError as e:
            return str(e)
        standby = self.other(cluster["leader"])
        node = next((n for n in cluster["nodes"] if n["name"] == standby), {})
        if not node.get("streaming"):
            return f"{standby} does not stream: {node.get('because')}"
        if standby not in cluster["safe"]:
            return f"{standby} is not safe to promote"
        silent = [n["name"] for n in cluster["nodes"] if n.get("voter") != "VOTING"]
        return f"{silent} do not vote" if silent else ""

    def wait_healthy(self, steady=STEADY_SECONDS, within=HEALTHY_WITHIN_SECONDS):
        """Seconds from now until the stack was healthy, and stayed so for some seconds."""
        began = since = time.monotonic()
        while True:
            reason = self.unhealthy()
            now = time.monotonic()
            if reason:
                since = now
            elif now - since >= steady:
                return since - began
            if now - began > within:
                raise Unmet(f"not healthy within {within} s: {reason or 'it does not stay so'}")
            time.sleep(0.4)

    def odoo_conf(self):
        """The four keys that Kumki keeps, as text; absent ones are missing."""
        text = docker("exec", self.container("witness"), "cat", "/etc/odoo/odoo.conf")
        parser = configparser.RawConfigParser()
        parser.read_string(text)
        names = ("db_host", "db_port", "db_replica_host", "db_replica_port")
        return {n: parser["options"][n] for n in names if n in parser["options"]}

    def odoo_points_right(self):
        leader = self.leader()
        expected = {
            "db_host": "127.0.0.1",
            "db_port": str(self.port(leader)),
            "db_replica_host": "127.0.0.1",
            "db_replica_port": str(self.port(self.other(leader))),
        }
        return self.odoo_conf() == expected

    def save_logs(self, name, since):
        """@param since seconds since 1970"""
        with open(self.work / f"{name}.log", "w", encoding="utf-8") as file:
            command = self.compose_command() + ["logs", "--timestamps", "--no-color"]
            subprocess.run(
                command + ["--since", str(int(since))], stdout=file, stderr=file, check=False,
                stdin=subprocess.DEVNULL, timeout=120
            )
