package io.kumki.core.policy;

import io.kumki.core.model.Lsn;
import io.kumki.core.model.Position;
import io.kumki.core.model.Runner;
import io.kumki.core.model.Runner.Result;
import io.kumki.core.model.Runner.Work;
import java.util.List;
import java.util.Optional;

/** What a runner says; each method says what differs from one that did all it was told. */
final class Runners {
    private String order = "";
    private Result result = Result.DONE;
    private String error = "";
    private long armed;
    private long silent = 100;
    private List<Position> history = List.of();
    private Work work = Work.NONE;
    private String source = "";
    private long diskFree = 1L << 40;

    static Runners runs() {
        return new Runners();
    }

    Runners armed(long term) {
        armed = term;
        return this;
    }

    Runners silentFor(long millis) {
        silent = millis;
        return this;
    }

    Runners ordered(String kind) {
        order = kind;
        result = Result.RUNNING;
        return this;
    }

    Runners failed(String kind) {
        order = kind;
        result = Result.FAILED;
        error = "could not " + kind;
        return this;
    }

    /** What was ordered last found the mark in its directory. */
    Runners openedShort() {
        order = "standby";
        result = Result.SHORT;
        error = "recovery ended at 0/5";
        return this;
    }

    Runners working(String job) {
        order = job;
        result = Result.RUNNING;
        work = new Work(Optional.of(job), 10, 100, "", 0, "", 0);
        return this;
    }

    Runners salvaged(String folder, long bytes) {
        work = new Work(Optional.empty(), 0, 0, folder, bytes, "", 0);
        return this;
    }

    Runners left(int timeline, Lsn fork) {
        history = List.of(new Position(timeline, fork));
        return this;
    }

    Runners pointedAt(String upstream) {
        source = upstream;
        return this;
    }

    Runners free(long bytes) {
        diskFree = bytes;
        return this;
    }

    Runner is() {
        return new Runner(order, 1, result, error, armed, silent, history, work, source, diskFree);
    }
}
