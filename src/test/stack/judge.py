"""What must hold after each case, whatever broke."""

import collections

from stack import wait_until
from traffic import DATABASE


def writers_at_once(writes):
    """
    Sentences about writes that two servers took at once. A timeline belongs to one writer, and once a later
    one is written to no earlier one may be: sent after the later one's answer means certainly after it.
    """
    found = []
    servers = collections.defaultdict(set)
    for write in writes:
        if write.server:
            servers[write.timeline].add(write.server)
    for timeline, names in servers.items():
        if len(names) > 1:
            found.append(f"timeline {timeline} was written on {' and '.join(sorted(names))}")
    timelines = sorted({w.timeline for w in writes})
    for timeline in timelines:
        later = [w for w in writes if w.timeline > timeline]
        if later:
            first = min(later, key=lambda w: w.answered)
            stale = [w for w in writes if w.timeline == timeline and w.sent > first.answered]
            if stale:
                late = max(w.sent for w in stale) - first.answered
                found.append(
                    f"{len(stale)} writes on timeline {timeline} up to {late:.2f} s after the first"
                    f" on {first.timeline} ({', '.join(sorted({w.source for w in stale}))})"
                )
    return found


def present(stack, node, key):
    rows = stack.sql(node, f"select number from written where writer = '{key}'", DATABASE)
    return {int(row) for row in rows.split()}


def lost_rows(stack, traffic):
    """How many acknowledged rows are missing, by node."""
    leader = stack.leader()
    standby = stack.other(leader)
    position = stack.sql(leader, "select pg_current_wal_flush_lsn()")
    replayed = f"select pg_last_wal_replay_lsn() >= '{position}'"
    wait_until("the replica has replayed", 60, lambda: stack.sql(standby, replayed) == "t")
    return {
        node: sum(len(owed - present(stack, node, key)) for key, owed in traffic.numbers().items())
        for node in (leader, standby)
    }


def load():
    with open("/proc/loadavg", encoding="ascii") as file:
        return file.read().split()[0]


Verdict = collections.namedtuple(
    "Verdict", "case leader gaps healthy rows lost two_writers early odoo load note failures"
)


def judge(stack, traffic, case, healthy, note, failures):
    """@param healthy seconds, or None if it never was; @param failures sentences found so far"""
    failures = list(failures)
    two_writers = writers_at_once(traffic.acknowledged())
    failures += [f"TWO WRITERS: {sentence}" for sentence in two_writers]
    # Accepted, but not acknowledged: no promise was made, yet it is worth knowing.
    early = writers_at_once(traffic.accepted())
    rows = sum(len(numbers) for numbers in traffic.numbers().values())
    lost = {}
    odoo = "?"
    leader = "?"
    if healthy is not None:
        leader = stack.leader()
        lost = lost_rows(stack, traffic)
        failures += [f"LOST: {count} rows on {node}" for node, count in lost.items() if count]
        try:
            wait_until("odoo.conf is right", 20, stack.odoo_points_right)
            odoo = f"writes to {stack.odoo_conf()['db_port']}"
        except RuntimeError as e:
            odoo = "WRONG"
            failures.append(f"odoo.conf: {e}")
    return Verdict(
        case, leader, traffic.gaps(), healthy, rows, sum(lost.values()), two_writers, early, odoo,
        load(), note, failures
    )


def row(verdict):
    """One line of the Markdown table."""
    gaps = verdict.gaps
    healthy = "never" if verdict.healthy is None else f"{verdict.healthy:.1f}"
    end = "; ".join(verdict.failures) if verdict.failures else "ok"
    if verdict.early:
        end += f" (accepted, not acknowledged: {'; '.join(verdict.early)})"
    cells = (
        verdict.case, f"{gaps['gateway']:.1f}", f"{gaps['ports']:.1f}", healthy, verdict.rows,
        verdict.lost, len(verdict.two_writers), verdict.odoo, verdict.leader, verdict.load,
        verdict.note, end
    )
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


HEAD = (
    "| case | gap gateway, s | gap ports, s | healthy after, s | rows acknowledged | lost"
    " | two writers | odoo.conf | leader then | load | what happened | end |\n"
    "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"
)
