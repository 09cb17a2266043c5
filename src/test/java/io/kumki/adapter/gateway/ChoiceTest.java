package io.kumki.adapter.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.kumki.adapter.gateway.Choice.Fate;
import io.kumki.core.model.HostPort;
import io.kumki.core.model.NodeId;
import io.kumki.core.routing.Routes;
import io.kumki.core.routing.Target;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Where sessions may go, and which may stay. */
class ChoiceTest {
    private static final Target N1 = target("n1");
    private static final Target N2 = target("n2");
    private static final Target N3 = target("n3");

    @Test
    void writersGoToTheLeaderOnly() {
        var choice = open(N1, List.of(N2), List.of(N1));

        assertThat(choice.candidates(Port.RW, s -> 0)).containsExactly(N1);
        assertThat(choice.fate(Port.RW, N1.address())).isEqualTo(Fate.STAYS);
        assertThat(choice.fate(Port.RW, N2.address())).isEqualTo(Fate.LOST);
        assertThat(choice.holding()).isFalse();
    }

    @Test
    void whileNobodyLeadsWritersWaitAndTheirSessionsAreLost() {
        var choice = vacant(List.of(N2));

        assertThat(choice.candidates(Port.RW, s -> 0)).isEmpty();
        assertThat(choice.fate(Port.RW, N1.address())).isEqualTo(Fate.LOST);
        assertThat(choice.holding()).isTrue();
        assertThat(choice.why()).isEqualTo("n1 is lost");
        assertThat(choice.candidates(Port.RO, s -> 0)).containsExactly(N2);
        assertThat(choice.fate(Port.RO, N2.address())).isEqualTo(Fate.STAYS);
    }

    @Test
    void readersGoWhereTheFewestAreThenToTheFittestThenToTheLeader() {
        var choice = open(N1, List.of(N3, N2), List.of());
        var load = Map.of(N2.address(), 1, N3.address(), 2);

        assertThat(choice.candidates(Port.RO, s -> load.getOrDefault(s, 0)))
                .containsExactly(N2, N3, N1);
        assertThat(choice.candidates(Port.RO, s -> 5)).containsExactly(N3, N2, N1);
    }

    @Test
    void aReplicaThatBecameUnfitIsLeftInTime() {
        var choice = open(N1, List.of(N3), List.of(N2));

        assertThat(choice.fate(Port.RO, N2.address())).isEqualTo(Fate.LEAVES);
        assertThat(choice.fate(Port.RO, N3.address())).isEqualTo(Fate.STAYS);
        assertThat(open(N1, List.of(N3), List.of()).fate(Port.RO, N2.address()))
                .isEqualTo(Fate.LOST);
    }

    @Test
    void readersLeaveTheLeaderWhenAReplicaIsFit() {
        assertThat(open(N1, List.of(N2), List.of(N1)).fate(Port.RO, N1.address()))
                .isEqualTo(Fate.LEAVES);
        assertThat(open(N1, List.of(N1), List.of(N2)).fate(Port.RO, N1.address()))
                .isEqualTo(Fate.STAYS);
        assertThat(open(N1, List.of(), List.of()).fate(Port.RO, N1.address()))
                .isEqualTo(Fate.STAYS);
    }

    @Test
    void aSilentReplicaIsAvoidedAndTheLeaderIsNot() {
        var routes = open(N1, List.of(N2), List.of(N3)).routes();
        var choice = new Choice(routes, Set.of(N1.address(), N2.address(), N3.address()));

        assertThat(choice.candidates(Port.RO, s -> 0)).containsExactly(N1);
        assertThat(choice.fate(Port.RO, N1.address())).isEqualTo(Fate.STAYS);
        assertThat(choice.fate(Port.RO, N2.address())).isEqualTo(Fate.LOST);
        assertThat(choice.fate(Port.RO, N3.address())).isEqualTo(Fate.LOST);
        assertThat(choice.candidates(Port.RW, s -> 0)).containsExactly(N1);
        assertThat(choice.readsOnly(N1.address())).isFalse();
        assertThat(choice.readsOnly(N2.address())).isTrue();
    }

    @Test
    void aSwitchoverDrainsItsServerOnBothPorts() {
        var choice =
                new Choice(
                        new Routes(3, new Routes.Draining(N1, "n2"), List.of(N1, N2), List.of()),
                        Set.of());

        for (var port : Port.values()) {
            assertThat(choice.fate(port, N1.address())).isEqualTo(Fate.DRAINS);
        }
        assertThat(choice.candidates(Port.RW, s -> 0)).isEmpty();
        assertThat(choice.candidates(Port.RO, s -> 0)).containsExactly(N2);
        assertThat(choice.fate(Port.RW, N2.address())).isEqualTo(Fate.LOST);
        assertThat(choice.fate(Port.RO, N2.address())).isEqualTo(Fate.STAYS);
        assertThat(choice.holding()).isTrue();
        assertThat(choice.why()).contains("switchover from n1 to n2");
    }

    private static Choice open(Target leader, List<Target> readers, List<Target> tolerated) {
        return new Choice(new Routes(1, new Routes.Open(leader), readers, tolerated), Set.of());
    }

    private static Choice vacant(List<Target> readers) {
        return new Choice(
                new Routes(1, new Routes.Vacant("n1 is lost"), readers, List.of()), Set.of());
    }

    private static Target target(String name) {
        return new Target(new NodeId(name), new HostPort(name, 5432));
    }
}
