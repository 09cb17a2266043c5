package io.kumki.boot;

import static io.kumki.api.Scene.N1;
import static io.kumki.api.Scene.N2;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kumki.api.RefusedException;
import io.kumki.api.Scene;
import io.kumki.core.model.Lease;
import io.kumki.core.model.Mode;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AgreementCheckTest {
    @Test
    void settingsAreChangedWhileSomebodyLeads() {
        var record = Scene.record();
        var free = new Lease.Free(7, N1, 4000, false, Optional.empty());

        assertThat(AgreementCheck.changeable(Scene.onReplica().snapshot(), record).ttl())
                .isEqualTo(3000);
        var vacant = Scene.onReplica().lease(free).snapshot();
        assertThatThrownBy(() -> AgreementCheck.changeable(vacant, record))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("nobody leads");
    }

    @Test
    void noNodeMayLookTooSeldomForTheTtl() {
        var now = Scene.onLeader().snapshot();

        AgreementCheck.fits(now, 1301);
        assertThatThrownBy(() -> AgreementCheck.fits(now, 1300))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("are 1300ms together");
    }

    @Test
    void theOperatorIsToldWhoseFilesSaySomethingElse() {
        var now = Scene.onLeader().file(N2, 9000).snapshot();
        var agreed = Scene.record().agreed().orElseThrow();

        assertThat(AgreementCheck.told(now, agreed.withTtl(9000)))
                .contains("ttl=9s mode=sync", "The files of n1, n3 say");
        assertThat(AgreementCheck.told(now, agreed)).contains("The files of n2 say");
        assertThat(AgreementCheck.told(Scene.onLeader().snapshot(), agreed))
                .doesNotContain("files");
        assertThat(AgreementCheck.told(now, agreed.with(Mode.ASYNC))).contains("mode=async");
    }
}
