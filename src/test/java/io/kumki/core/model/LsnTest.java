package io.kumki.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LsnTest {
    private static final Lsn LAST = new Lsn(-1);

    @Test
    void whatIsWrittenIsReadBack() {
        var random = new Random(1);
        for (int i = 0; i < 10_000; i++) {
            var lsn = new Lsn(random.nextLong() >>> random.nextInt(64));

            assertThat(Lsn.parse(lsn.toString())).isEqualTo(lsn);
            assertThat(Lsn.parse(lsn.toString().toLowerCase(Locale.ROOT))).isEqualTo(lsn);
        }
    }

    @Test
    void theOrderIsUnsignedAndFitsTheDistance() {
        var random = new Random(2);
        for (int i = 0; i < 10_000; i++) {
            var one = new Lsn(random.nextLong());
            var other = new Lsn(random.nextLong());
            int expected = Long.compareUnsigned(one.bytes(), other.bytes());

            assertThat(Integer.signum(one.compareTo(other))).isEqualTo(Integer.signum(expected));
            assertThat(one.isBefore(other)).isEqualTo(expected < 0);
            assertThat(one.max(other)).isEqualTo(other.max(one));
            assertThat(one.bytesBehind(other) == 0 || other.bytesBehind(one) == 0).isTrue();
        }
    }

    @Test
    void theUpperHalfIsNotNegative() {
        assertThat(Lsn.ZERO.isBefore(LAST)).isTrue();
        assertThat(LAST).hasToString("FFFFFFFF/FFFFFFFF");
        assertThat(new Lsn(1L << 63).max(new Lsn(1))).isEqualTo(new Lsn(1L << 63));
    }

    @Test
    void postgresLeavesOutLeadingZerosAndSoMayWeRead() {
        assertThat(Lsn.parse("16/B374D848")).hasToString("16/B374D848");
        assertThat(Lsn.parse("0/28")).isEqualTo(new Lsn(0x28));
        assertThat(Lsn.parse("1/0").bytes()).isEqualTo(1L << 32);
    }

    @Test
    void bytesBehindIsNeverNegative() {
        assertThat(new Lsn(10).bytesBehind(new Lsn(25))).isEqualTo(15);
        assertThat(new Lsn(25).bytesBehind(new Lsn(10))).isZero();
    }

    @Test
    void whatIsNoLsnIsRefused() {
        for (var text : new String[] {"", "0", "0/", "/0", "0/123456789", "G/0", "-1/0", "0/0 "}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Lsn.parse(text))
                    .withMessageContaining("\"" + text + "\"");
        }
    }
}
