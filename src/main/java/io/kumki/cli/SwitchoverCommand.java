package io.kumki.cli;

import io.kumki.api.ClusterView;
import io.kumki.wire.Json;
import java.io.PrintWriter;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "switchover",
        mixinStandardHelpOptions = true,
        description = "Makes NODE the leader in a planned way, without loss, and waits for it.")
final class SwitchoverCommand implements Callable<Integer> {
    private static final long DEADLINE_MILLIS = 60_000;
    private static final long LOOK_EVERY_MILLIS = 200;

    @Mixin private AgentOptions options;
    @Mixin private ReasonOption reason;

    @Parameters(
            arity = "0..1",
            paramLabel = "NODE",
            description = "The new leader; without it, the best standby.")
    private String node = "";

    @Option(
            names = "--force",
            description = "Although long transactions will be broken off or slots left behind.")
    private boolean force;

    @Option(
            names = "--abort",
            description = "Gives a pending switchover up; everything stays as it was.")
    private boolean abort;

    @Override
    public Integer call() {
        return options.run(abort ? this::abort : this::switchOver);
    }

    private void abort(AgentClient agents, PrintWriter out) throws Failure {
        if (force || !node.isEmpty()) {
            throw new Failure(
                    Failure.USAGE, "--abort takes neither NODE nor --force. Nothing was done.");
        }
        out.println(options.said(agents.delete("/api/v1/switchover")));
    }

    private void switchOver(AgentClient agents, PrintWriter out) throws Failure {
        var before = agents.get("/api/v1/cluster", ClusterView.class);
        // With a name the wish can be repeated: without one, a second could switch back again.
        var to = node.isEmpty() ? before.failoverTarget() : node;
        var watch = new SwitchoverWatch(before, to);
        var wish = new TreeMap<String, Object>(Map.of("force", force));
        if (!to.isEmpty()) {
            wish.put("to", to);
        }
        long began = System.nanoTime();
        var said = agents.post("/api/v1/switchover", reason.body(wish));
        if (!options.json()) {
            out.println(said);
        }
        var leader = await(agents, watch, began, out);
        long took = since(began);
        out.println(
                options.json()
                        ? Json.write(Map.of("leader", leader, "millis", took))
                        : "%s leads and accepts writes after %s."
                                .formatted(leader, Units.seconds(took)));
    }

    private String await(AgentClient agents, SwitchoverWatch watch, long began, PrintWriter out)
            throws Failure {
        while (since(began) < DEADLINE_MILLIS) {
            pause();
            var now = look(agents);
            if (now.isEmpty()) {
                continue;
            }
            if (!options.json()) {
                watch.news(now.get(), since(began)).forEach(out::println);
                out.flush();
            }
            switch (watch.judge(now.get(), since(began))) {
                case SwitchoverWatch.Done done -> {
                    return done.leader();
                }
                case SwitchoverWatch.Failed failed ->
                        throw new Failure(Failure.REFUSED, failed.reason());
                case SwitchoverWatch.UnderWay underWay -> {}
            }
        }
        throw new Failure(
                Failure.REFUSED,
                "no new leader accepts writes after "
                        + Units.seconds(DEADLINE_MILLIS)
                        + "; the agents go on by themselves. Look with `kumki status`.");
    }

    /** An agent that is silent for a moment is asked again. */
    private static Optional<ClusterView> look(AgentClient agents) throws Failure {
        try {
            return Optional.of(agents.get("/api/v1/cluster", ClusterView.class));
        } catch (Failure failure) {
            if (failure.exit() == Failure.UNREACHABLE) {
                return Optional.empty();
            }
            throw failure;
        }
    }

    private static void pause() throws Failure {
        try {
            Thread.sleep(LOOK_EVERY_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure(Failure.REFUSED, "interrupted; the agents go on with the switchover");
        }
    }

    private static long since(long began) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
    }
}
