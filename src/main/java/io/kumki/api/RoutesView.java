package io.kumki.api;

import io.kumki.agent.Snapshot;
import io.kumki.core.model.Doors;
import io.kumki.core.model.Handover;
import io.kumki.core.routing.Routes;
import io.kumki.core.routing.Target;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.List;

/**
 * Where this agent leads clients; docs/API.md.
 *
 * @param state open, draining or vacant
 * @param writer NODE at HOST:PORT; empty text if there is none
 * @param because why there is none, or for whom it drains; empty text else
 * @param readers where new reads go, the fittest first
 * @param tolerated where reads that began may end
 * @param doors what stands beside this agent, in words; empty text if nothing
 */
@RegisterForReflection
public record RoutesView(
        long term,
        String state,
        String writer,
        String because,
        List<String> readers,
        List<String> tolerated,
        String doors) {
    public RoutesView {
        readers = List.copyOf(readers);
        tolerated = List.copyOf(tolerated);
    }

    static RoutesView of(Snapshot snapshot) {
        var routes = snapshot.routing().routes();
        var doors = doors(snapshot.view().local().handover());
        return switch (routes.writer()) {
            case Routes.Open open -> view(routes, "open", open.to().toString(), "", doors);
            case Routes.Draining draining ->
                    view(
                            routes,
                            "draining",
                            draining.from().toString(),
                            draining.to() + " takes over",
                            doors);
            case Routes.Vacant vacant -> view(routes, "vacant", "", vacant.why(), doors);
        };
    }

    private static RoutesView view(
            Routes routes, String state, String writer, String because, String doors) {
        return new RoutesView(
                routes.term(),
                state,
                writer,
                because,
                routes.readers().stream().map(Target::toString).toList(),
                routes.tolerated().stream().map(Target::toString).toList(),
                doors);
    }

    private static String doors(Handover handover) {
        return handover.doors().map(RoutesView::words).orElse("");
    }

    private static String words(Doors doors) {
        return doors.holding()
                ? "hold new work; %d sessions are busy, %d can't be looked into"
                        .formatted(doors.busy(), doors.opaque())
                : "open";
    }
}
