package io.kumki.api;

import static io.kumki.api.Scene.N1;
import static org.assertj.core.api.Assertions.assertThat;

import io.kumki.core.model.LocalServer;
import org.junit.jupiter.api.Test;

class RoutesViewTest {
    @Test
    void itSaysWhereClientsAreLed() {
        var view = RoutesView.of(Scene.onLeader().snapshot());

        assertThat(view.state()).isEqualTo("open");
        assertThat(view.writer()).isEqualTo("n1 at 10.0.0.1:5432");
        assertThat(view.readers()).containsExactly("n2 at 10.0.0.2:5432");
        assertThat(view.tolerated()).containsExactly("n1 at 10.0.0.1:5432");
        assertThat(view.doors()).isEmpty();
    }

    @Test
    void itSaysWhyThereIsNoWriter() {
        var starting = Scene.onLeader().server(N1, new LocalServer.Starting(10)).snapshot();
        var view = RoutesView.of(starting);

        assertThat(view.state()).isEqualTo("vacant");
        assertThat(view.writer()).isEmpty();
        assertThat(view.because()).isEqualTo("n1 leads and its server starts");
    }
}
