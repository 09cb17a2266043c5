package io.kumki.core.routing;

import java.util.List;

/**
 * Where clients are led now. Every publisher follows the same routes and ignores those of an older
 * term (I7).
 *
 * @param term of the leader that they are derived from
 * @param readers fit replicas, the fittest first; where none is fit, the leader
 * @param tolerated where a reader may finish what it began, but not stay: a replica that became
 *     unfit, or the leader when a replica is fit. A server in neither list is lost to readers
 */
public record Routes(long term, Writer writer, List<Target> readers, List<Target> tolerated) {
    public static final Routes NONE =
            new Routes(0, new Vacant("this agent has just started"), List.of(), List.of());

    public Routes {
        readers = List.copyOf(readers);
        tolerated = List.copyOf(tolerated);
    }

    /** Where writes go. */
    public sealed interface Writer {}

    /** To the leader of the current term. */
    public record Open(Target to) implements Writer {}

    /**
     * A planned switchover is about to stop this server: new sessions wait, open transactions may
     * finish, idle sessions are closed.
     */
    public record Draining(Target from, String to) implements Writer {}

    /**
     * To nobody. New sessions wait; those to a former leader end at once, because its lease has
     * ended or its server is gone.
     *
     * @param why one sentence for people
     */
    public record Vacant(String why) implements Writer {}
}
