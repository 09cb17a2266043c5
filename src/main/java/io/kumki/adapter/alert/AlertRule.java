package io.kumki.adapter.alert;

import io.kumki.adapter.alert.Condition.State;
import io.kumki.agent.CrashWatch;
import io.kumki.agent.Snapshot;
import io.kumki.core.model.NodeId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** What to tell after a tick, from what is remembered: values in, values out. */
final class AlertRule {
    private AlertRule() {}

    /**
     * @param standbys nodes that were heard as such: a witness that falls silent is none
     * @param conditions by key
     * @param whole a standby has streamed since this agent's start
     */
    record Memory(
            Optional<Snapshot> before,
            Set<NodeId> standbys,
            Map<String, State> conditions,
            boolean whole,
            CrashWatch crashes) {
        static final Memory NONE =
                new Memory(Optional.empty(), Set.of(), Map.of(), false, CrashWatch.NONE);

        Memory {
            standbys = Set.copyOf(standbys);
            conditions = Map.copyOf(conditions);
        }
    }

    record Step(Memory memory, List<Alert> alerts) {}

    /**
     * @param expires when this agent's certificate does, if it has one
     * @param uptime milliseconds of a clock that only goes forward
     */
    static Step step(Memory memory, Snapshot now, Optional<Instant> expires, long uptime) {
        var alerts = new ArrayList<Alert>();
        memory.before().ifPresent(before -> alerts.addAll(News.between(before, now)));
        var crashes = memory.crashes().after(now);
        crashes.crash().ifPresent(crash -> alerts.add(News.crashed(now.view().self(), crash)));
        var standbys = new HashSet<>(memory.standbys());
        now.view().peers().stream().filter(p -> !p.witness()).forEach(p -> standbys.add(p.node()));
        boolean whole = memory.whole() || ClusterConditions.streams(now.view());
        var conditions = new HashMap<String, State>();
        Stream.of(
                        ClusterConditions.of(now, standbys, whole),
                        NodeConditions.of(now, expires),
                        ServerConditions.of(now))
                .flatMap(some -> some)
                .forEach(
                        condition -> {
                            var state =
                                    memory.conditions()
                                            .getOrDefault(condition.key(), State.quiet(uptime));
                            conditions.put(
                                    condition.key(), judge(condition, state, uptime, alerts));
                        });
        return new Step(new Memory(Optional.of(now), standbys, conditions, whole, crashes), alerts);
    }

    private static State judge(Condition now, State last, long uptime, List<Alert> alerts) {
        var state = last.next(now, uptime);
        if (state.begins(now, uptime)) {
            if (now.speaksFirst()) {
                alerts.add(now.begin());
            }
            return state.begun(now);
        }
        if (state.ends(now, uptime)) {
            if (now.speaksLast(state)) {
                now.end().ifPresent(alerts::add);
            }
            return state.ended();
        }
        return state;
    }
}
