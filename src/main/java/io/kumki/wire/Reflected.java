package io.kumki.wire;

import io.kumki.agent.DecisionLog;
import io.kumki.agent.Report;
import io.kumki.core.consensus.Message;
import io.kumki.core.consensus.Reply;
import io.kumki.core.model.Agreed;
import io.kumki.core.model.Archiving;
import io.kumki.core.model.ClusterRecord;
import io.kumki.core.model.Doors;
import io.kumki.core.model.Episode;
import io.kumki.core.model.Handover;
import io.kumki.core.model.Horizon;
import io.kumki.core.model.LocalServer;
import io.kumki.core.model.Peer;
import io.kumki.core.model.Replay;
import io.kumki.core.model.Runner;
import io.kumki.core.model.Wishes;
import io.quarkus.runtime.annotations.RegisterForReflection;

/**
 * Everything that Jackson looks at by reflection. A native image would not see it otherwise: core
 * values carry no annotation of their own; those of the API do.
 */
@RegisterForReflection(
        targets = {
            Report.class,
            Report.Body.class,
            Report.Voter.class,
            Report.Verdict.class,
            Report.Configured.class,
            Peer.Standing.class,
            Handover.class,
            Doors.class,
            Runner.class,
            Runner.Work.class,
            LocalServer.Primary.class,
            LocalServer.Replica.class,
            LocalServer.Starting.class,
            LocalServer.Stopping.class,
            LocalServer.Stopped.class,
            LocalServer.Empty.class,
            LocalServer.Unreachable.class,
            LocalServer.Remains.class,
            LocalServer.Synchronous.class,
            LocalServer.Walsender.class,
            LocalServer.Receiver.class,
            LocalServer.Activity.class,
            LocalServer.Slot.class,
            Archiving.class,
            Replay.class,
            Horizon.class,
            ClusterRecord.class,
            Agreed.class,
            Wishes.class,
            Wishes.Switchover.class,
            Episode.class,
            Episode.Timing.class,
            Episode.Opened.class,
            Message.Prepare.class,
            Message.Accept.class,
            Message.Readmit.class,
            Reply.Promised.class,
            Reply.Accepted.class,
            Reply.Rejected.class,
            Reply.Abstained.class,
            DecisionLog.Entry.class
        },
        registerFullHierarchy = true)
final class Reflected {
    private Reflected() {}
}
