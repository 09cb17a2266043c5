"""The faults. Each is done to a healthy stack under traffic, and gives back what happened in words."""

import os
import time

from stack import AGENTS, SERVERS, docker, run, wait_until

CASES = {}


def case(name, meaning):
    def keep(act):
        CASES[name] = (meaning, act)
        return act

    return keep


def kill_process(container):
    """A crash, to the engine: its restart policy acts, as it does not after docker kill."""
    pid = docker("inspect", "-f", "{{.State.Pid}}", container).strip()
    if pid == "0":
        raise RuntimeError(f"{container} does not run")
    run("kill", "-9", pid)


def network_of(stack):
    return f"{stack.project}_shared_network"


def disconnect(stack, service):
    docker("network", "disconnect", network_of(stack), stack.container(service))


def connect(stack, service):
    docker("network", "connect", "--alias", service, network_of(stack), stack.container(service))


def leads(stack, node, began, within=60):
    """@param began monotonic seconds, when the old leader was asked or made to stop"""
    wait_until(f"{node} leads", within, lambda: stack.leader() == node)
    return f"{node} led after {time.monotonic() - began:.1f} s"


def replica(stack):
    return stack.other(stack.leader())


@case("leader-crashed", "kill -9 of the leader's container's process; the restart policy acts")
def leader_crashed(stack):
    kill_process(stack.container(SERVERS[stack.leader()]))
    return "container crashed"


@case("replica-crashed", "kill -9 of the replica's container's process")
def replica_crashed(stack):
    kill_process(stack.container(SERVERS[replica(stack)]))
    return "container crashed"


@case("postmaster-killed", "kill -9 of the leader's postmaster, inside its container")
def postmaster_killed(stack):
    container = stack.container(SERVERS[stack.leader()])
    docker("exec", container, "bash", "-c", 'kill -9 "$(head -1 "$PGDATA/postmaster.pid")"')
    return "postmaster killed"


@case("leader-stopped", "docker stop of the leader's container; started again after the failover")
def leader_stopped(stack):
    old = stack.leader()
    began = time.monotonic()
    docker("stop", stack.container(SERVERS[old]))
    note = leads(stack, stack.other(old), began)
    time.sleep(5)
    docker("start", stack.container(SERVERS[old]))
    return f"stopped; {note}; started"


@case("leader-killed", "docker kill of the leader's container, which no policy restarts")
def leader_killed(stack):
    old = stack.leader()
    began = time.monotonic()
    docker("kill", stack.container(SERVERS[old]))
    try:
        return leads(stack, stack.other(old), began)
    finally:
        docker("start", stack.container(SERVERS[old]))


@case("replica-stopped", "docker stop of the replica's container for 20 s")
def replica_stopped(stack):
    container = stack.container(SERVERS[replica(stack)])
    docker("stop", container)
    time.sleep(20)
    docker("start", container)
    return "stopped for 20 s"


def wipe(stack, node):
    service = SERVERS[node]
    volume = service.removeprefix("pg_") + "_data"
    # The one-shot service looks at the volume too, so its container keeps it in use.
    stack.compose("rm", "-sfv", service, "secrets")
    docker("volume", "rm", f"{stack.project}_{volume}")


@case("leader-wiped", "the leader's container removed with its data volume, then compose up -d")
def leader_wiped(stack):
    old = stack.leader()
    began = time.monotonic()
    wipe(stack, old)
    note = leads(stack, stack.other(old), began)
    stack.compose("up", "-d")
    return f"removed; {note}; made anew"


@case("replica-wiped", "the replica's container removed with its data volume, then compose up -d")
def replica_wiped(stack):
    wipe(stack, replica(stack))
    stack.compose("up", "-d")
    return "removed and made anew"


@case("agent-crashed", "kill -9 of the leader's agent")
def agent_crashed(stack):
    kill_process(stack.container(AGENTS[stack.leader()]))
    return "agent crashed"


@case("replica-agent-crashed", "kill -9 of the replica's agent")
def replica_agent_crashed(stack):
    kill_process(stack.container(AGENTS[replica(stack)]))
    return "agent crashed"


@case("witness-crashed", "kill -9 of the witness's agent, which is the gateway too")
def witness_crashed(stack):
    kill_process(stack.container("witness"))
    return "agent crashed"


def pause(container, seconds):
    docker("pause", container)
    time.sleep(seconds)
    docker("unpause", container)
    return f"paused for {seconds} s"


@case("agent-paused", "docker pause of the leader's agent for 30 s")
def agent_paused(stack):
    return pause(stack.container(AGENTS[stack.leader()]), 30)


@case("replica-agent-paused", "docker pause of the replica's agent for 30 s")
def replica_agent_paused(stack):
    return pause(stack.container(AGENTS[replica(stack)]), 30)


@case("witness-paused", "docker pause of the witness's agent for 30 s")
def witness_paused(stack):
    return pause(stack.container("witness"), 30)


@case("leader-paused", "docker pause of the leader's server container for 30 s")
def leader_paused(stack):
    return pause(stack.container(SERVERS[stack.leader()]), 30)


@case("replica-paused", "docker pause of the replica's server container for 30 s")
def replica_paused(stack):
    return pause(stack.container(SERVERS[replica(stack)]), 30)


def cut_off(stack, *services):
    for service in services:
        disconnect(stack, service)
    time.sleep(30)
    for service in services:
        connect(stack, service)
    return "cut off for 30 s: " + ", ".join(services)


@case("leader-cut-off", "the leader's server container without network for 30 s")
def leader_cut_off(stack):
    return cut_off(stack, SERVERS[stack.leader()])


@case("agent-cut-off", "the leader's agent without network for 30 s")
def agent_cut_off(stack):
    return cut_off(stack, AGENTS[stack.leader()])


@case("node-cut-off", "the leader's server and agent without network for 30 s")
def node_cut_off(stack):
    leader = stack.leader()
    return cut_off(stack, AGENTS[leader], SERVERS[leader])


@case("witness-cut-off", "the witness without network for 30 s")
def witness_cut_off(stack):
    return cut_off(stack, "witness")


@case("replica-cut-off", "the replica's server and agent without network for 30 s")
def replica_cut_off(stack):
    standby = replica(stack)
    return cut_off(stack, AGENTS[standby], SERVERS[standby])


@case("both-crashed", "kill -9 of both server containers' processes at once")
def both_crashed(stack):
    for service in SERVERS.values():
        kill_process(stack.container(service))
    return "both servers crashed"


@case("all-crashed", "kill -9 of the processes of all five containers at once")
def all_crashed(stack):
    for container in stack.containers():
        kill_process(container)
    return "all crashed"


@case("addresses-swapped", "the replica's server and the witness stopped, started in the other order")
def addresses_swapped(stack):
    node = replica(stack)
    first, second = stack.container(SERVERS[node]), stack.container("witness")
    # The engine gives the lowest free address: turned round, each may get the other's.
    if int(address(first).rsplit(".", 1)[1]) < int(address(second).rsplit(".", 1)[1]):
        first, second = second, first
    before = address(first), address(second)
    docker("stop", first, second)
    docker("start", first)
    docker("start", second)
    swapped = before == (address(second), address(first))
    return "swapped" if swapped else f"restarted, not swapped ({before})"


def address(container):
    words = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}"
    return docker("inspect", "-f", words, container).strip()


@case("switchover", "kumki switchover, in a container beside the agents")
def switchover(stack):
    old = stack.leader()
    began = time.monotonic()
    stack.kumki("switchover")
    took = time.monotonic() - began
    return f"{leads(stack, stack.other(old), began)}; the command took {took:.1f} s"


@case("restart", "docker compose restart of everything")
def restart(stack):
    stack.compose("restart")
    return "restarted"


def led_by_replica(stack):
    """The arrangement in which the seed's own files would have failed."""
    if stack.leader() != "pg-replica":
        stack.kumki("switchover")
        leads(stack, "pg-replica", time.monotonic())
        stack.wait_healthy()


@case("down-up", "with pg_replica leading: docker compose down, then up -d --wait on the old volumes")
def down_up(stack):
    led_by_replica(stack)
    stack.compose("down")
    began = time.monotonic()
    stack.compose("up", "-d", "--wait")
    return f"pg-replica led; up --wait took {time.monotonic() - began:.1f} s"


def identities(stack):
    return docker("inspect", "-f", "{{.Id}} {{.State.StartedAt}}", *stack.containers())


@case("up-again", "docker compose up -d while all is well: nothing may be made anew")
def up_again(stack):
    before = identities(stack)
    stack.compose("up", "-d")
    if identities(stack) != before:
        raise RuntimeError("a container was made anew or started again")
    return "nothing was made anew"


@case("recreate", "docker compose up -d --force-recreate, as an upgrade of the images does")
def recreate(stack):
    stack.compose("up", "-d", "--force-recreate")
    return "all made anew"


if "STACK_REBOOT" in os.environ:

    @case("reboot", "the engine is stopped and started again, by the command in STACK_REBOOT")
    def reboot(stack):
        run("bash", "-c", os.environ["STACK_REBOOT"])
        return "engine restarted"
