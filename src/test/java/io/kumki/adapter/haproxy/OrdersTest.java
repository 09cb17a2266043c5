package io.kumki.adapter.haproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kumki.adapter.haproxy.Orders.Fresh;
import io.kumki.core.model.HostPort;
import io.kumki.core.model.NodeId;
import io.kumki.core.routing.Routes;
import io.kumki.core.routing.Target;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What HAProxy is told, word for word. */
class OrdersTest {
    private static final Target N1 = target("n1", 5441);
    private static final Target N2 = target("n2", 5442);
    private static final Fresh STALE = new Fresh(false, false);

    @Test
    void theFormerLeaderGoesDownBeforeTheNewOneComesUp() {
        var servers = List.of(new Server("n2", false, false), new Server("n1", true, true));

        assertThat(writes(new Routes.Open(N2), Fresh.ALL, servers))
                .containsExactly(
                        "set server w/n1 health down",
                        "shutdown sessions server w/n1",
                        "set server w/n1 state ready",
                        "set server w/n2 health up");
    }

    @Test
    void whatIsAsItShouldBeIsLeftAlone() {
        var servers = List.of(new Server("n1", true, false), new Server("n2", false, false));

        assertThat(writes(new Routes.Open(N1), STALE, servers)).isEmpty();
    }

    /** A leader whose checks fail stays down: HAProxy may be right. */
    @Test
    void onlyTheNewsBringsAServerUp() {
        var down = List.of(new Server("n1", false, false), new Server("n2", true, false));

        assertThat(writes(new Routes.Open(N1), STALE, down))
                .containsExactly("set server w/n2 health down");
    }

    @Test
    void aDrainIsRepeatedUntilItHolds() {
        var draining = new Routes.Draining(N1, "n2");

        assertThat(writes(draining, STALE, List.of(new Server("n1", true, false))))
                .containsExactly("set server w/n1 state drain");
        assertThat(writes(draining, STALE, List.of(new Server("n1", true, true)))).isEmpty();
    }

    /** An agent that has lost the others may know less than HAProxy's checks. */
    @Test
    void aVacancyIsSaidOnce() {
        var vacant = new Routes.Vacant("no majority");
        var servers = List.of(new Server("n1", true, false));

        assertThat(writes(vacant, Fresh.ALL, servers))
                .containsExactly("set server w/n1 health down", "shutdown sessions server w/n1");
        assertThat(writes(vacant, STALE, servers)).isEmpty();
    }

    @Test
    void whoeverDoesNotReadIsDrainedAndWhoeverIsLostIsCut() {
        var routes = new Routes(1, new Routes.Open(N1), List.of(N2), List.of(N1));
        var servers =
                List.of(
                        new Server("n1", true, false),
                        new Server("n2", true, true),
                        new Server("n3", true, false),
                        new Server("n1-leader", true, false));
        var orders = new Orders(routes, Fresh.ALL);
        orders.read("r", servers);

        assertThat(orders.commands())
                .containsExactly(
                        "set server r/n1 state drain",
                        "set server r/n2 health up",
                        "set server r/n2 state ready",
                        "set server r/n3 state drain",
                        "shutdown sessions server r/n3");
    }

    @Test
    void anotherReasonForAVacancyIsNoNews() {
        var one = new Routes(1, new Routes.Vacant("a"), List.of(N1, N2), List.of());
        var other = new Routes(1, new Routes.Vacant("b"), List.of(N2, N1), List.of());
        var next = new Routes(2, new Routes.Vacant("b"), List.of(N2), List.of());

        assertThat(Fresh.between(one, other)).isEqualTo(STALE);
        assertThat(Fresh.between(other, next)).isEqualTo(Fresh.ALL);
    }

    @Test
    void theStateOfServersIsRead() throws IOException {
        var answer =
                """
                1
                # be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight
                3 w 1 n1 127.0.0.1 2 0 1
                3 w 2 n2 127.0.0.1 0 8 1
                3 w 4 hold - 2 0 1

                """;

        assertThat(Server.parse(answer))
                .containsExactly(new Server("n1", true, false), new Server("n2", false, true));
        assertThatThrownBy(() -> Server.parse("Can't find backend.\n"))
                .hasMessageContaining("Can't find backend.");
    }

    @Test
    void sessionsAreCounted() {
        var csv = "# pxname,svname,qcur,scur,\nw,n1,0,7,\nw,n2,0,3,\nw,BACKEND,0,10,\n\n";

        assertThat(Sessions.of(csv, "n1")).isEqualTo(7);
        assertThat(Sessions.of(csv, "n9")).isZero();
    }

    private static List<String> writes(Routes.Writer writer, Fresh fresh, List<Server> servers) {
        var orders = new Orders(new Routes(1, writer, List.of(), List.of()), fresh);
        orders.write("w", servers);
        return orders.commands();
    }

    private static Target target(String node, int port) {
        return new Target(new NodeId(node), new HostPort("127.0.0.1", port));
    }
}
