package io.kumki.agent;

import io.kumki.agent.port.Catalog;
import io.kumki.agent.port.Clock;
import io.kumki.agent.port.ServerControl;
import io.kumki.core.model.Action;
import io.kumki.core.model.ClusterRecord;
import io.kumki.core.model.Decision;
import io.kumki.core.model.Episode;
import io.kumki.core.model.Runner.Result;
import io.kumki.core.model.Safety;
import io.kumki.core.model.View;
import io.smallrye.mutiny.Uni;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Does what was decided. A tick may decide the same again while it is under way: then nothing is
 * done twice. Nothing here waits; what takes long is seen in a later view.
 */
final class ActionRunner {
    private final LeaseKeeper keeper;
    private final ServerControl control;
    private final Catalog catalog;
    private final Clock clock;
    private final Runnable poke;
    private boolean querying;
    private final Repeats repeats = new Repeats();

    ActionRunner(
            LeaseKeeper keeper,
            ServerControl control,
            Catalog catalog,
            Clock clock,
            Runnable poke) {
        this.keeper = keeper;
        this.control = control;
        this.catalog = catalog;
        this.clock = clock;
        this.poke = poke;
    }

    void run(View view, Decision decision, long wallClock) {
        switch (decision.action()) {
            case Action.Hold hold -> {}
            case Action.Order order -> order(view, order);
            case Action.Checkpoint checkpoint -> query(catalog::checkpoint);
            case Action.Slots slots -> query(() -> catalog.manage(slots));
            case Action.Found found ->
                    keeper.write(Optional.empty(), id -> Tenancy.found(view, found, id, wallClock));
            case Action.Campaign campaign -> {
                var record = view.register().orElseThrow();
                keeper.write(
                        Optional.of(record),
                        id ->
                                Tenancy.acquired(
                                        view,
                                        campaign,
                                        id,
                                        new Tenancy.Moment(wallClock, decision.because())));
            }
            case Action.Lapse lapse -> keeper.lapse();
            case Action.Release release ->
                    change(view, (r, id) -> Tenancy.released(view, r, release, id));
            case Action.MarkSafe mark ->
                    change(
                            view,
                            (r, id) ->
                                    r.with(new Safety(view.settings().mode(), mark.safe()))
                                            .renewed(id));
            case Action.Agree agree -> change(view, (r, id) -> r.with(agree.agreed()).renewed(id));
            case Action.Receipt receipt ->
                    change(view, (r, id) -> Tenancy.receipted(r, receipt, timing()).renewed(id));
            case Action.DropWishes drop ->
                    change(view, (r, id) -> Tenancy.withoutWishes(r).renewed(id));
        }
    }

    private Episode.Timing timing() {
        return new Episode.Timing(0, keeper.election(), keeper.reign());
    }

    private interface Change {
        ClusterRecord apply(ClusterRecord from, String renewal);
    }

    private void change(View view, Change change) {
        var record = view.register().orElseThrow();
        keeper.write(Optional.of(record), id -> change.apply(record, id));
    }

    private void query(Supplier<Uni<Void>> query) {
        if (querying) {
            return;
        }
        querying = true;
        query.get()
                .subscribe()
                .with(
                        done -> {
                            querying = false;
                            poke.run();
                        },
                        failure -> querying = false);
    }

    private void order(View view, Action.Order order) {
        long term = view.register().map(r -> r.tenure().term()).orElse(0L);
        var state = control.state();
        var key = order.key(term);
        boolean same = state.given().key().equals(key);
        boolean looked = state.runner().ack() >= state.given().id();
        boolean due = repeats.due(order, clock.uptime());
        if (same && !(looked && due && state.runner().result() != Result.RUNNING)) {
            return;
        }
        repeats.given(same, state.runner().result() == Result.DONE, clock.uptime());
        control.order(order, term, view.register().map(ClusterRecord::systemId).orElse(""));
    }
}
