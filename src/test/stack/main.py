#!/usr/bin/python3
"""Breaks a compose stack of its own, one case after another, under traffic, and says what held."""

import argparse
import datetime
import os
import pathlib
import platform
import sys
import time

from cases import CASES
from checks import CHECKS
from judge import HEAD, judge, load, row
from stack import STEADY_SECONDS, Stack, docker
from traffic import Traffic, prepare

INTRODUCTION = """# stack: {day}

`./build stack {arguments}`

{machine}; Docker {engine}.

Two writers insert a row each 50 ms: one through the gateway, one that goes to whichever published port takes
it (a server that does not answer for 3 s is given up). Two more sit in the servers' containers and try each
150 ms, so that a writer that is cut off is seen too. *Gap*: the longest time between two acknowledged rows.
*Healthy after*: from the last step of the case until Docker calls all containers healthy, the replica streams
and is safe to promote, and all agents vote, for {steady} s in a row. *Lost*: acknowledged rows missing on the leader or
the replica at the end. *Two writers*: a write on an older timeline after one on a newer, or two servers on one.
"""


def one_case(stack, name, serial):
    meaning, act = CASES[name]
    print(f"... {name}: {meaning} (load {load()})", flush=True)
    stack.wait_healthy(steady=2)
    traffic = Traffic(stack, f"{serial}-{name}")
    wall = time.time()
    traffic.start()
    time.sleep(3)
    note, healthy, failures = "", None, []
    try:
        note = act(stack)
        healthy = stack.wait_healthy()
        time.sleep(2)
    except RuntimeError as e:
        failures.append(str(e).replace("\n", " "))
    traffic.stop()
    verdict = judge(stack, traffic, name, healthy, note, failures)
    if healthy is None:
        # For the cases to come; this one has failed.
        stack.compose("up", "-d", check=False)
    stack.save_logs(f"{serial}-{name}", wall - 5)
    for writer in traffic.writers:
        errors = ", ".join(f"{count} x {text}" for text, count in writer.errors.most_common(6))
        print(f"    {writer.source}: {len(writer.writes)} rows; {errors or 'no errors'}")
    return verdict


def bring_up(stack):
    """The cold start, then the second one on the same volumes. Lines of Markdown."""
    stack.compose("down", "-v", "--remove-orphans")
    lines = ["| start | seconds | load |", "| --- | --- | --- |"]
    for what in ("cold `up -d --wait`", "`up -d --wait` after `down`, old volumes"):
        began = time.monotonic()
        stack.compose("up", "-d", "--wait")
        lines.append(f"| {what} | {time.monotonic() - began:.1f} | {load()} |")
        print(lines[-1], flush=True)
        if "cold" in what:
            stack.wait_healthy(steady=2)
            stack.compose("down")
    return lines


def arguments():
    parser = argparse.ArgumentParser(prog="./build stack", description=__doc__)
    parser.add_argument("--use", action="store_true", help="the stack that --keep left")
    parser.add_argument("--keep", action="store_true", help="leave the stack up at the end")
    parser.add_argument("--list", action="store_true", help="only list the cases")
    parser.add_argument("--work", help="folder for settings and logs (default: target/PROJECT)")
    parser.add_argument("--save", help="file to write the table to")
    parser.add_argument("cases", nargs="*", metavar="CASE", help="case or check; default: all")
    given = parser.parse_args()
    unknown = [name for name in given.cases if name not in CASES and name not in CHECKS]
    if unknown:
        parser.error(f"no case {', '.join(unknown)}; see --list. Nothing was done.")
    return given


def main():
    given = arguments()
    if given.list:
        for name, (meaning, _) in CASES.items():
            print(f"{name:22} {meaning}")
        for name, check in CHECKS.items():
            print(f"{name:22} check: {check.__doc__}")
        return 0
    project = os.environ.get("STACK_PROJECT", "kumki-stack")
    work = given.work or f"{pathlib.Path(__file__).resolve().parents[3]}/target/{project}"
    stack = Stack(project, work)
    verdicts, starts, checks = [], [], []
    try:
        if not given.use:
            starts = bring_up(stack)
        stack.wait_healthy(steady=2)
        prepare(stack)
        serial = int(time.time())
        # The checks come last: by then the logs have something to give away.
        for count, name in enumerate([n for n in given.cases or CASES if n in CASES]):
            verdicts.append(one_case(stack, name, f"{serial}-{count:02}"))
            print(row(verdicts[-1]), flush=True)
        for name in [n for n in given.cases or CHECKS if n in CHECKS]:
            print(f"... {name}: {CHECKS[name].__doc__}", flush=True)
            found = CHECKS[name](stack)
            checks.append((name, found))
            print(f"    {'; '.join(found) or 'ok'}", flush=True)
    finally:
        text = report(starts, verdicts, checks)
        print(text)
        (stack.work / "last.md").write_text(text, encoding="utf-8")
        if given.save:
            pathlib.Path(given.save).write_text(text, encoding="utf-8")
        if not given.keep:
            stack.compose("down", "-v", "--remove-orphans")
    failed = any(v.failures for v in verdicts) or any(found for _, found in checks)
    return 1 if failed else 0


def report(starts, verdicts, checks):
    head = INTRODUCTION.format(
        day=datetime.date.today().isoformat(),
        arguments=" ".join(sys.argv[1:]),
        machine=f"{os.cpu_count()} processors, Linux {platform.release()}",
        engine=docker("version", "-f", "{{.Server.Version}}").strip(),
        steady=STEADY_SECONDS,
    )
    lines = [head, *starts]
    if verdicts:
        lines += ["", HEAD, *(row(v) for v in verdicts)]
    if checks:
        lines += ["", "| check | found |", "| --- | --- |"]
        lines += [f"| {name}: {CHECKS[name].__doc__} | {'; '.join(f) or 'ok'} |" for name, f in checks]
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    sys.exit(main())
