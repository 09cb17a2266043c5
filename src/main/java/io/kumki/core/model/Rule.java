package io.kumki.core.model;

/**
 * Every rule that can decide a tick. The id is the same in code, test, log, metric, alert and
 * docs/STATES.md, which is made from here.
 */
public enum Rule {
    // A witness.
    W10_WITNESS("W10-witness", "A witness votes and reports; it has no server.", "none needed"),

    // The register is blank: a new cluster.
    B10_BOOTSTRAP(
            "B10-bootstrap",
            "Every directory is empty and this node may bootstrap: found the cluster.",
            "none needed"),
    B11_MISSING_MEMBERS(
            "B11-missing-members",
            "A new cluster is founded only when every member was heard: one of them may have data.",
            "start the agents that are named, or take them out of `peers`"),
    B12_FOREIGN(
            "B12-foreign",
            "The members' directories belong to different clusters. Nothing is changed.",
            "move the wrong directory away, then it is cloned"),
    B13_ADOPT("B13-adopt", "Only this node has a primary's data: adopt it.", "none needed"),
    B14_TWO_PRIMARIES(
            "B14-two-primaries",
            "Several members have a primary's data; which one is right is not guessed.",
            "stop and move away all but the right one"),
    B15_OTHER_FOUNDS(
            "B15-other-founds",
            "Another member has the data or the right to bootstrap, so it founds the cluster.",
            "see that member's decision"),
    B16_NOTHING_TO_FOUND(
            "B16-nothing-to-found",
            "No primary's data anywhere, and nobody may bootstrap.",
            "set `bootstrap = true` on one node, or bring the primary's data back"),

    // The lease is ours.
    L10_LEADING("L10-leading", "The lease is ours and the server accepts writes.", "none needed"),
    L11_AGREE(
            "L11-agree",
            "What must be equal on all nodes (ttl, mode, voters) is not in the register yet.",
            "none needed"),
    L12_ARM(
            "L12-arm",
            "The server is a primary, and the runner does not guard it for this term yet.",
            "none needed"),
    L13_OPENED(
            "L13-opened",
            "The new primary accepts writes: note it in the register.",
            "none needed"),
    L14_MEASURED(
            "L14-measured",
            "The old primary is back and its lost WAL was measured.",
            "none needed"),
    L15_CHECKPOINT(
            "L15-checkpoint",
            "The control file still shows the old timeline, which misleads pg_rewind.",
            "none needed"),
    L16_SLOTS("L16-slots", "Each member needs its slot here, and nobody else one.", "none needed"),
    L17_WISH_ENDED("L17-wish-ended", "An operator's wish has lost its occasion.", "none needed"),
    L18_UNSETTLED(
            "L18-unsettled",
            "A write to the register is undecided: nothing is weakened on it.",
            "ends with the next renewal, or with the lease"),
    L19_NO_HAND(
            "L19-no-hand",
            "The runner is silent: nobody could stop the server if this agent failed.",
            "restart the runner; it adopts the running server"),
    L20_PROMOTE("L20-promote", "The lease is ours: promote our standby.", "none needed"),
    L22_PROMOTION_STUCK(
            "L22-promotion-stuck",
            "The promotion takes too long: stop the server, so that another may lead.",
            "see the runner's error and the server's log"),
    L23_STARTING(
            "L23-starting", "The server starts or recovers; the lease is kept.", "none needed"),
    L24_START_STUCK(
            "L24-start-stuck",
            "The start takes too long and a safe successor is there: stop it.",
            "raise `patience`, or see the server's log"),
    L25_STOPPING(
            "L25-stopping",
            "The server was told to stop; the lease is kept.",
            "ends after `patience`"),
    L26_STOP_STUCK(
            "L26-stop-stuck", "The orderly stop takes too long: stop it at once.", "none needed"),
    L27_OPENED_SHORT(
            "L27-opened-short",
            "The promotion ended below what this node had: no write was taken, so leave the lease.",
            "docs/RUNBOOK.md#a-new-primary-opened-short"),
    L29_DRAINING(
            "L29-draining",
            "The server was stopped cleanly; its successor still receives the last WAL.",
            "ends by itself after `grace`"),
    L30_HAND_OVER(
            "L30-hand-over",
            "Our server is gone and a safe successor is there: release the lease to it.",
            "none needed"),
    L31_START("L31-start", "Our server is down and nobody is safer: start it here.", "none needed"),
    L33_BOOTSTRAP(
            "L33-bootstrap",
            "The register granted it: run initdb.",
            "see the runner's error if it repeats"),
    L34_DATA_GONE(
            "L34-data-gone",
            "The lease is ours and the data directory is empty: give the lease up.",
            "bring the directory back, or `kumki failover NODE`"),
    L40_UNREACHABLE(
            "L40-unreachable",
            "The server lives and does not answer, and a safe successor is there: stop it.",
            "none needed"),
    L41_NO_SUCCESSOR(
            "L41-no-successor",
            "The server does not answer and nobody could take over: keep it (I8).",
            "see why no standby is safe, or restart the server"),
    L43_REFUSED(
            "L43-refused",
            "The server answers and refuses the agent: it lives, so it is kept (I8). Clients go on;"
                    + " standbys are judged by their own agents' word.",
            "end what the reason names; or `kumki switchover`, which needs no session"),
    L44_GONE(
            "L44-gone",
            "Runner and server are silent and a safe successor is there: let the lease run out.",
            "start the server's container or its runner"),
    L42_MISSED("L42-missed", "The server missed a poll; too early to act.", "ends by itself"),

    // Synchronous replication, while leading.
    Y09_MODE(
            "Y09-mode",
            "Another mode is agreed on than the one kept: first the register says so.",
            "none needed"),
    Y10_ENABLE("Y10-enable", "A healthy standby is there: let commits wait for it.", "none needed"),
    Y11_PROVING(
            "Y11-proving",
            "Commits wait for the standby; not yet proven for those under way.",
            "see docs/adr/0013"),
    Y12_SAFE("Y12-safe", "Every acknowledged commit is on the standby: it is safe.", "none needed"),
    Y13_UNFIT(
            "Y13-unfit",
            "Commits wait for a standby that could not be promoted, and another one could be.",
            "ends by itself: commits wait for the other one after `patience`"),
    Y19_STANDBY_AWAY(
            "Y19-standby-away",
            "The synchronous standby is away; commits wait for its return.",
            "ends by itself after `sync-degrade-after`"),
    Y20_UNSAFE(
            "Y20-unsafe",
            "The standby stays away: first the register must call it unsafe.",
            "none needed"),
    Y21_DISABLE(
            "Y21-disable",
            "The register calls the standby unsafe, so commits may go on without it.",
            "none needed"),

    // A planned switchover, on the leader.
    S11_DROPPED(
            "S11-dropped",
            "The switchover can't be done; everything stays as it was.",
            "ask again"),
    S12_CATCHING_UP(
            "S12-catching-up",
            "The switchover waits until its target has caught up.",
            "ends by itself after `patience`"),
    S13_CHECKPOINT("S13-checkpoint", "A checkpoint now makes the stop short.", "none needed"),
    S14_STOP(
            "S14-stop",
            "Stop the primary in an orderly way: its standby gets everything.",
            "none needed"),
    S18_DRAINING(
            "S18-draining",
            "The doors hold new work; what is open may finish before the stop.",
            "ends by itself after `switchover-drain`; `kumki switchover --abort`"),
    S15_HAND_OVER(
            "S15-hand-over",
            "The target has the shutdown checkpoint: the lease is its.",
            "none needed"),
    S16_ABANDONED(
            "S16-abandoned",
            "The target did not get the last WAL in time: give the switchover up.",
            "none needed"),

    // Another node leads.
    F10_FOLLOWING("F10-following", "The standby streams from the leader.", "none needed"),
    F11_SUPERSEDED(
            "F11-superseded", "Another node leads: stop our primary at once (I1).", "none needed"),
    F12_LEADER_NOT_READY(
            "F12-leader-not-ready",
            "The leader is not heard or does not accept writes yet: nothing to follow.",
            "ends when it does, or when its lease does"),
    F13_SLOTS(
            "F13-slots",
            "Slots on a standby keep WAL for those who follow it one day.",
            "none needed"),
    F14_STARTING("F14-starting", "The standby starts.", "see the server's log"),
    F15_UNREACHABLE(
            "F15-unreachable", "The standby does not answer.", "restart it, or see its log"),
    F16_STOPPING("F16-stopping", "The server stops.", "see the server's log"),
    F17_NO_COMMON_PAST(
            "F17-no-common-past",
            "The leader's history lacks our timeline: it may just not have been read yet.",
            "ends by itself after twice `grace`, for a running standby 11 s later"),
    F18_REPLAY_STOPPED(
            "F18-replay-stopped",
            "The standby receives WAL and replays none of it: it serves no reads (docs/RUNBOOK.md).",
            "`select pg_wal_replay_resume()` there, or end the query that it waits for"),
    F19_RAISE_SETTINGS(
            "F19-raise-settings",
            "Replay paused because settings are lower than the primary's were: restart with those.",
            "ends by itself; make the settings equal on all nodes"),
    F20_DIVERGED(
            "F20-diverged",
            "The standby has WAL that the leader never had: rewind.",
            "none needed"),
    F21_FOLLOW("F21-follow", "The standby streams from somewhere else, or nowhere.", "none needed"),
    F22_NOT_STREAMING(
            "F22-not-streaming",
            "The standby is pointed at the leader and does not stream.",
            "see the server's log: password, pg_hba.conf, network"),
    F23_REJOIN(
            "F23-rejoin",
            "Nothing diverged: follow the leader.",
            "see the runner's error if it repeats"),
    F24_REWIND(
            "F24-rewind",
            "The old primary may have WAL of its own: salvage and rewind.",
            "none needed"),
    F30_CLONE("F30-clone", "There is no data here: clone the leader.", "none needed"),
    F31_RECLONE(
            "F31-reclone",
            "Neither following nor rewinding is possible: clone aside, keep the old directory.",
            "none needed"),
    F33_FOREIGN(
            "F33-foreign",
            "The directory belongs to another cluster. Nothing is changed.",
            "move it away, then it is cloned"),
    F34_WAIT_CHECKPOINT(
            "F34-wait-checkpoint",
            "pg_rewind needs the leader's first checkpoint on its new timeline.",
            "ends by itself; grant pg_checkpoint to make it quick"),
    F35_WORKING("F35-working", "A clone or a rewind is under way.", "none needed"),
    F36_PAUSED("F36-paused", "Paused: nothing is started, rewound or cloned.", "`kumki resume`"),
    F37_OPENED_SHORT(
            "F37-opened-short",
            "A promotion here ended below what this node had: its directory is kept as it is.",
            "docs/RUNBOOK.md#a-new-primary-opened-short"),

    // The lease is free.
    V10_RETAKE(
            "V10-retake",
            "Our own lease, of our agent's earlier life: take it again.",
            "none needed"),
    V11_UNENTITLED("V11-unentitled", "A primary without a lease: stop it (I1).", "none needed"),
    V20_LEAVE_TO(
            "V20-leave-to", "A safe standby is up: it may lead.", "ends by itself after `grace`"),
    V21_RESUME("V21-resume", "We led last and nobody safer is up: lead again.", "none needed"),
    V22_WAIT_FOR_LEADER(
            "V22-wait-for-leader",
            "An old primary that did not lead last: it waits for a leader to rejoin.",
            "start the last leader, or `kumki failover NODE`"),
    V23_START_STANDBY("V23-start-standby", "Start as a standby without upstream.", "none needed"),
    V24_NO_DATA(
            "V24-no-data",
            "There is no data here and no leader to clone.",
            "start the last leader"),
    V25_STARTING("V25-starting", "The server starts.", "see the server's log"),
    V26_UNREACHABLE(
            "V26-unreachable", "The server does not answer, so it is no candidate.", "restart it"),
    V27_BROKEN(
            "V27-broken",
            "The standby can't be started here; it is tried again.",
            "see the runner's error"),
    V28_FORCED(
            "V28-forced", "An operator wants this node to lead, whatever it lacks.", "none needed"),
    V29_OPENED_SHORT(
            "V29-opened-short",
            "A promotion here ended below what this node had: it is no candidate any more.",
            "`kumki failover` of the node that led before; docs/RUNBOOK.md#a-new-primary-opened-short"),

    // Candidacy: the lease is free and our server is a standby.
    C01_PAUSED("C01-paused", "Paused: nobody is promoted.", "`kumki resume`"),
    C02_NO_FAILOVER(
            "C02-no-failover",
            "This node is configured never to be promoted.",
            "`no-failover = false`"),
    C03_FOREIGN(
            "C03-foreign",
            "Another system identifier than the cluster's.",
            "move the directory away"),
    C04_NOT_SAFE(
            "C04-not-safe",
            "Acknowledged commits may be missing here (I2).",
            "start a safe node, or `kumki failover NODE` and accept the loss"),
    C05_TOO_FAR_BEHIND(
            "C05-too-far-behind",
            "More WAL is missing than `max-lag-on-failover` allows.",
            "start the last leader, or `kumki failover NODE`"),
    C06_WAL_ARRIVES(
            "C06-wal-arrives",
            "WAL still arrives, so the primary lives (I8).",
            "ends when it stops"),
    C07_DISK_FULL("C07-disk-full", "The disk is full: a primary could not write.", "make room"),
    C08_RELEASED_TO_OTHER(
            "C08-released-to-other",
            "The lease was left to another node.",
            "ends by itself after `grace`"),
    C09_OUTRANKED(
            "C09-outranked",
            "Another safe standby has more WAL or priority.",
            "ends by itself after `grace`"),
    C10_BEST("C10-best", "Nobody safe outranks us: take the lease.", "none needed"),

    // No majority of voters.
    A10_NO_MAJORITY(
            "A10-no-majority",
            "No majority of voters: keep everything as it is.",
            "bring voters back"),
    A12_SERVE_READS(
            "A12-serve-reads",
            "No majority for a while: serve reads as a standby.",
            "bring voters back"),
    A13_LEASE_ENDED(
            "A13-lease-ended",
            "No majority and no lease: stop the primary (I1).",
            "bring voters back"),
    A14_NOT_OURS_YET(
            "A14-not-ours-yet",
            "A primary that Kumki never led, and no majority to adopt it: leave it alone (I8).",
            "start the other agents"),
    A15_NEVER_STARTED(
            "A15-never-started",
            "No majority was ever seen: nothing is started (I4).",
            "start the other agents");

    private final String id;
    private final String meaning;
    private final String wayOut;

    Rule(String id, String meaning, String wayOut) {
        this.id = id;
        this.meaning = meaning;
        this.wayOut = wayOut;
    }

    public String id() {
        return id;
    }

    /** One sentence: when it decides and what for. */
    public String meaning() {
        return meaning;
    }

    /** What ends it (I6): by itself, or what an operator does. */
    public String wayOut() {
        return wayOut;
    }
}
