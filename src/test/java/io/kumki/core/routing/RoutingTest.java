package io.kumki.core.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.kumki.core.model.HostPort;
import io.kumki.core.model.Lease;
import io.kumki.core.model.LocalServer;
import io.kumki.core.model.NodeId;
import io.kumki.core.routing.Routes.Draining;
import io.kumki.core.routing.Routes.Open;
import io.kumki.core.routing.Routes.Vacant;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** As a witness sees it, beside Odoo: anna leads term 7, bert and carl stream. */
class RoutingTest {
    private static final NodeId ANNA = new NodeId("anna");
    private static final NodeId BERT = new NodeId("bert");
    private static final Target AT_ANNA = target("anna");
    private static final Target AT_BERT = target("bert");
    private static final Target AT_CARL = target("carl");
    private static final long SECOND = 1000;

    private final Sight sight = new Sight();
    private Routing routing =
            Routing.start(
                    new ReplicaFitness.Limits(
                            1 << 20, Duration.ofSeconds(10), Duration.ofSeconds(5)));
    private long now = 100_000;

    private static Target target(String node) {
        return new Target(new NodeId(node), new HostPort(node, 5432));
    }

    private Routes look() {
        now += SECOND;
        routing = routing.after(sight.view(), now);
        return routing.routes();
    }

    @Test
    void writesGoToTheLeaderAndReadsToReplicas() {
        var routes = look();

        assertThat(routes.term()).isEqualTo(7);
        assertThat(routes.writer()).isEqualTo(new Open(AT_ANNA));
        assertThat(routes.readers()).containsExactly(AT_BERT, AT_CARL);
        assertThat(routes.tolerated()).containsExactly(AT_ANNA);
    }

    @Test
    void withoutAFitReplicaReadsGoToTheLeader() {
        sight.replica("bert", Sight.Replica.NOT_STREAMING).replica("carl", Sight.Replica.BEHIND);

        assertThat(look().readers()).containsExactly(AT_ANNA);
        assertThat(routing.routes().tolerated()).containsExactly(AT_BERT, AT_CARL);
    }

    @Test
    void aReplicaLeavesAtOnceAndReturnsLate() {
        look();
        sight.replica("bert", Sight.Replica.BEHIND);
        assertThat(look().readers()).containsExactly(AT_CARL);
        assertThat(routing.routes().tolerated()).contains(AT_BERT);

        sight.replica("bert", Sight.Replica.FINE);
        assertThat(look().readers()).containsExactly(AT_CARL);
        now += 5 * SECOND;
        assertThat(look().readers()).containsExactly(AT_BERT, AT_CARL);
    }

    @Test
    void aReplicaThatIsNotHeardIsLeftInPeaceByItsSessionsButGetsNoNewOnes() {
        look();
        sight.without("bert");

        assertThat(look().readers()).containsExactly(AT_CARL);
        assertThat(routing.routes().tolerated()).contains(AT_BERT);
    }

    @Test
    void aReplicaWhoseServerIsDownIsInNeitherList() {
        look();
        sight.server("bert", new LocalServer.Starting(10));

        assertThat(look().readers()).containsExactly(AT_CARL);
        assertThat(routing.routes().tolerated()).containsExactly(AT_ANNA);
    }

    @Test
    void theProbeTellsTheAgeOfAReplicaThatHasAllBytesThatItKnowsOf() {
        for (int number = 1; number <= 20; number++) {
            sight.probe("anna", number).probe("bert", Math.min(number, 5)).probe("carl", number);
            look();
        }

        assertThat(routing.routes().readers()).containsExactly(AT_CARL);
        assertThat(routing.age(sight.seen("bert"))).isEqualTo(Duration.ofSeconds(14));
        assertThat(routing.age(sight.seen("carl"))).isEqualTo(Duration.ZERO);
    }

    @Test
    void aSwitchoverDrainsItsSource() {
        look();
        sight.draining("bert");

        assertThat(look().writer()).isEqualTo(new Draining(AT_ANNA, "bert"));
        assertThat(routing.routes().readers()).containsExactly(AT_BERT, AT_CARL);
    }

    @Test
    void whileNobodyLeadsReadsGoOnWhereTheyAre() {
        look();
        sight.without("anna").lease(new Lease.Free(7, ANNA, 3200, false, Optional.empty()));
        sight.replica("bert", Sight.Replica.NOT_STREAMING)
                .replica("carl", Sight.Replica.NOT_STREAMING);

        var routes = look();
        assertThat(routes.writer()).isInstanceOf(Vacant.class);
        assertThat(routes.readers()).containsExactly(AT_BERT, AT_CARL);
        assertThat(routes.tolerated()).isEmpty();
    }

    @Test
    void aLeaderThatIsNotHeardKeepsItsSessionsUntilItsLeaseHasEnded() {
        look();
        sight.without("anna").lease(new Lease.Theirs(7, ANNA, 2500));
        assertThat(look().writer()).isEqualTo(new Open(AT_ANNA));

        sight.lease(new Lease.Free(7, ANNA, 3200, false, Optional.empty()));
        assertThat(look().writer()).isInstanceOf(Vacant.class);
    }

    @Test
    void aLeaderThatWasNeverLedToMustBeHeardFirst() {
        sight.without("anna");

        assertThat(look().writer()).isEqualTo(new Vacant("anna leads and is not heard"));
    }

    @Test
    void aNewLeaderIsLedToOnlyWhenItsServerIsGuardedForItsTerm() {
        look();
        sight.term(8, BERT).without("anna");
        assertThat(look().writer()).isEqualTo(new Vacant("bert leads and is being promoted"));

        sight.primary("bert", 7);
        assertThat(look().writer()).isEqualTo(new Vacant("bert leads and is not guarded yet"));

        sight.primary("bert", 8);
        var routes = look();
        assertThat(routes.writer()).isEqualTo(new Open(AT_BERT));
        assertThat(routes.term()).isEqualTo(8);
        assertThat(routes.readers()).containsExactly(AT_CARL);
        assertThat(routes.tolerated()).containsExactly(AT_BERT);
    }

    @Test
    void aFormerLeaderIsLostToReadersToo() {
        sight.without("bert").without("carl");
        assertThat(look().readers()).containsExactly(AT_ANNA);

        sight.term(8, BERT).primary("bert", 8);
        var routes = look();
        assertThat(routes.readers()).containsExactly(AT_BERT);
        assertThat(routes.tolerated()).doesNotContain(AT_ANNA);
    }

    @Test
    void withoutAMajorityWritesGoOnOnlyWhileTheLeaseMayBeInForce() {
        look();
        sight.lease(new Lease.Unknown("1 of 3 voters answer")).without("anna");
        assertThat(look().writer()).isEqualTo(new Open(AT_ANNA));
        now += 3 * SECOND;

        var routes = look();
        assertThat(routes.writer())
                .isEqualTo(new Vacant("no majority of the agents: 1 of 3 voters answer"));
        assertThat(routes.readers()).doesNotContain(AT_ANNA);
        assertThat(routes.tolerated()).doesNotContain(AT_ANNA);
    }

    @Test
    void aServerThatDoesNotAnswerItsOwnAgentIsNotTakenForDead() {
        look();
        sight.server("anna", new LocalServer.Unreachable("busy", 900, false));
        assertThat(look().writer()).isEqualTo(new Open(AT_ANNA));

        sight.server("anna", new LocalServer.Starting(5));
        assertThat(look().writer()).isEqualTo(new Vacant("anna leads and its server starts"));
    }

    @Test
    void aServerThatRefusesOnlyItsAgentIsLedTo() {
        var closed = new LocalServer.Unreachable("too many clients already", 900, true, true);
        sight.server("anna", closed);
        assertThat(look().writer()).as("also from the beginning").isEqualTo(new Open(AT_ANNA));

        sight.term(8, ANNA);
        assertThat(look().writer())
                .as("guarded for the term before")
                .isEqualTo(new Vacant("anna leads and has a server that does not answer"));
    }

    @Test
    void anOlderTermChangesNothing() {
        sight.term(8, BERT).primary("bert", 8);
        look();
        sight.term(7, ANNA);

        assertThat(look().term()).isEqualTo(8);
        assertThat(routing.routes().writer()).isEqualTo(new Open(AT_BERT));
    }

    @Test
    void inTheBeginningNobodyIsLedAnywhere() {
        assertThat(routing.routes().readers()).isEqualTo(List.of());
        assertThat(routing.routes().writer()).isInstanceOf(Vacant.class);
    }
}
