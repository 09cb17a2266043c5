package io.kumki.core.model;

import io.kumki.core.model.Action.BePrimary;
import io.kumki.core.model.Action.BeStandby;
import io.kumki.core.model.Action.Source;
import java.util.Collection;
import java.util.Locale;
import java.util.stream.Collectors;

/** Actions and the like in words for logs and people: no Java shows through. */
public final class Words {
    private Words() {}

    public static String of(Action action) {
        return switch (action) {
            case Action.Hold hold -> "none";
            case Action.Found found -> "found cause=" + lower(found.cause());
            case Action.Campaign campaign -> "campaign cause=" + lower(campaign.cause());
            case Action.Release release ->
                    "release" + release.to().map(to -> " to=" + to).orElse("");
            case Action.Lapse lapse -> "lapse";
            case Action.MarkSafe mark -> "mark-safe nodes=" + list(mark.safe());
            case Action.Agree agree ->
                    "agree ttl=%dms mode=%s voters=%s"
                            .formatted(
                                    agree.agreed().ttl(),
                                    lower(agree.agreed().mode()),
                                    list(agree.agreed().voters()));
            case Action.Receipt receipt -> "receipt term=" + receipt.term() + of(receipt.opened());
            case Action.DropWishes drop -> "drop-wishes";
            case Action.Checkpoint checkpoint -> "checkpoint";
            case Action.Slots slots -> "slots" + of(slots);
            case BePrimary primary ->
                    (primary.bootstrap() ? "bootstrap" : "primary")
                            + " sync="
                            + (primary.syncNames().isEmpty()
                                    ? "none"
                                    : primary.syncNames().replace("\"", ""));
            case BeStandby standby -> "standby" + standby.source().map(Words::of).orElse("");
            case Action.Rewind rewind -> "rewind" + of(rewind.source()) + " fork=" + rewind.fork();
            case Action.Clone clone -> "clone" + of(clone.source());
            case Action.Stop stop -> "stop mode=" + (stop.immediate() ? "immediate" : "fast");
        };
    }

    public static String of(Lease lease) {
        return switch (lease) {
            case Lease.Mine mine -> "ours in term " + mine.term();
            case Lease.Theirs theirs -> theirs.holder() + "'s in term " + theirs.term();
            case Lease.Free free -> "nobody's after " + free.last() + "'s term " + free.term();
            case Lease.Blank blank -> "never taken";
            case Lease.Unknown unknown -> "not known: " + unknown.reason();
        };
    }

    public static String of(Wishes wishes) {
        var switchover =
                wishes.switchover().map(s -> "switchover from " + s.from() + " to " + s.to());
        var forced = wishes.forced().map(node -> "failover to " + node);
        return switchover.or(() -> forced).orElse(wishes.paused() ? "pause" : "none");
    }

    private static String of(Episode.Opened opened) {
        return " position=%d/%s lost=%d measured=%s%s"
                .formatted(
                        opened.position().timeline(),
                        opened.position().lsn(),
                        opened.lostBytes(),
                        opened.measured(),
                        opened.salvage().isEmpty() ? "" : " salvage=" + opened.salvage());
    }

    private static String of(Action.Slots slots) {
        var advance = slots.advance().stream().map(Action.Slots.Advance::slot).toList();
        return named(" create=", slots.create())
                + named(" drop=", slots.drop())
                + named(" advance=", advance);
    }

    private static String of(Source source) {
        return " source=" + source.node() + " at=" + source.address();
    }

    private static String named(String what, Collection<String> names) {
        return names.isEmpty() ? "" : what + list(names);
    }

    private static String list(Collection<?> names) {
        return names.stream().map(Object::toString).sorted().collect(Collectors.joining(","));
    }

    private static String lower(Enum<?> word) {
        return word.name().toLowerCase(Locale.ROOT);
    }
}
