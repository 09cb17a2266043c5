package io.kumki.boot;

import io.kumki.agent.Report;
import io.kumki.agent.Snapshot;
import io.kumki.api.RefusedException;
import io.kumki.core.model.Agreed;
import io.kumki.core.model.ClusterRecord;
import io.kumki.core.model.Lease;
import io.kumki.core.model.Mode;
import java.util.Optional;
import java.util.stream.Collectors;

/** Whether what is agreed on can be changed now, and what the operator is told. */
final class AgreementCheck {
    private AgreementCheck() {}

    /**
     * @throws RefusedException if not, and why
     */
    static Agreed changeable(Snapshot now, ClusterRecord record) {
        var lease = now.view().lease();
        if (!(lease instanceof Lease.Mine || lease instanceof Lease.Theirs)) {
            throw new RefusedException(
                    "nobody leads now; settings are changed under a lease. Nothing was changed");
        }
        var older =
                now.reports().stream()
                        .filter(r -> r.configured().isEmpty())
                        .map(r -> r.node().name())
                        .collect(Collectors.joining(", "));
        if (!older.isEmpty()) {
            throw new RefusedException(
                    "an older version runs on %s, which goes by its own file; upgrade it first. Nothing was changed"
                            .formatted(older));
        }
        return record.agreed()
                .orElseThrow(
                        () ->
                                new RefusedException(
                                        "nothing is agreed on yet: the leader writes it down as"
                                                + " soon as its server is up. Nothing was changed"));
    }

    static ClusterRecord changed(ClusterRecord from, Optional<Long> ttl, Optional<Mode> mode) {
        return from.agreed().map(a -> from.with(changed(a, ttl, mode))).orElse(from);
    }

    static Agreed changed(Agreed from, Optional<Long> ttl, Optional<Mode> mode) {
        var other = ttl.map(from::withTtl).orElse(from);
        return mode.map(other::with).orElse(other);
    }

    /**
     * As each node's configuration is checked: a look that takes longer than the lease makes every
     * view too old. A leader renews only for one ttl after each look.
     *
     * @throws RefusedException if some node looks too seldom for it
     */
    static void fits(Snapshot now, long ttl) {
        for (var report : now.reports()) {
            long look = report.configured().map(Report.Configured::look).orElse(0L);
            if (ttl <= look) {
                throw new RefusedException(
                        ("`ttl` is to be %s; `tick` and `poll-timeout` of %s are %s together,"
                                        + " which must be less. Nothing was changed")
                                .formatted(
                                        Agreed.duration(ttl),
                                        report.node(),
                                        Agreed.duration(look)));
            }
        }
    }

    static String told(Snapshot now, Agreed next) {
        var files =
                now.reports().stream()
                        .filter(r -> !r.differences(next).isEmpty())
                        .map(r -> r.node().name())
                        .sorted()
                        .collect(Collectors.joining(", "));
        var agreed =
                "agreed on: ttl=%s mode=%s; the leader's next renewal counts so, nothing needs a restart"
                        .formatted(Agreed.duration(next.ttl()), next.mode().word());
        return files.isEmpty()
                ? agreed
                : agreed
                        + ". The files of %s say something else: correct them at leisure, until then they are not gone by"
                                .formatted(files);
    }
}
