package io.kumki.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.kumki.tls.Rotation.Look;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RotationTest {
    @TempDir private Path folder;
    private Authority authority;

    @BeforeEach
    void issue() {
        authority = new Authority(folder).issue("--days", "30", "n1=127.0.0.2");
    }

    private Rotation rotation() throws TlsException {
        return new Rotation(authority.of("n1"), "127.0.0.2", Instant.now());
    }

    private static Look look(Rotation rotation) {
        return rotation.look(Instant.now());
    }

    @Test
    void aCertificateForAnotherHostIsRefused() {
        assertThatThrownBy(() -> new Rotation(authority.of("n1"), "127.0.0.3", Instant.now()))
                .isInstanceOf(TlsException.class)
                .hasMessageContainingAll("made out to [127.0.0.2", "`peers`", "127.0.0.3");
    }

    @Test
    void newFilesAreTaken() throws TlsException {
        var rotation = rotation();
        var keys = rotation.keys();
        var before = keys.getCertificateChain("own")[0];
        assertThat(look(rotation)).isEqualTo(new Look.Same());

        authority.issue("--renew", "--days", "60", "n1=127.0.0.2");

        assertThat(look(rotation)).isEqualTo(new Look.Renewed(rotation.expires()));
        assertThat(keys.getCertificateChain("own")[0]).isNotEqualTo(before);
        assertThat(look(rotation)).isEqualTo(new Look.Same());
    }

    @Test
    void whatIsNotValidYetIsTakenOnceItIs() throws TlsException {
        var rotation = rotation();
        authority.issue("--renew", "--days", "60", "n1=127.0.0.2");
        var early = Instant.now().minus(Duration.ofDays(1));

        assertThat(rotation.look(early)).isInstanceOf(Look.Kept.class);
        assertThat(rotation.look(early)).as("told once").isEqualTo(new Look.Same());
        assertThat(look(rotation)).isInstanceOf(Look.Renewed.class);
    }

    @Test
    void halfAChangeIsNotTakenUntilItIsWhole() throws TlsException, IOException {
        var rotation = rotation();
        var before = rotation.keys().getCertificateChain("own")[0];
        var files = authority.of("n1");
        authority.issue("--renew", "--days", "60", "n1=127.0.0.2");
        var key = Files.readString(files.key());
        Files.writeString(files.key(), "half");

        assertThat(look(rotation))
                .asInstanceOf(type(Look.Kept.class))
                .extracting(Look.Kept::reason)
                .asString()
                .contains("host.key holds no private key");
        assertThat(rotation.keys().getCertificateChain("own")[0]).isEqualTo(before);
        assertThat(look(rotation)).isEqualTo(new Look.Same());

        Files.writeString(files.key(), key);
        assertThat(look(rotation)).isInstanceOf(Look.Renewed.class);
        assertThat(rotation.keys().getCertificateChain("own")[0]).isNotEqualTo(before);
    }
}
