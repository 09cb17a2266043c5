package io.kumki.core.consensus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class LeaseRuleTest {

    @Test
    void countsFromBeforeTheAttempt() {
        var rule = new LeaseRule(10_000);
        assertThat(rule.deadline(500)).isEqualTo(9_500);
        assertThat(rule.kill(500)).isEqualTo(10_400);
        assertThat(rule.renewEvery()).isEqualTo(2_000);
    }

    @Test
    void keepsAMarginThatAShortLeaseStillHas() {
        assertThat(new LeaseRule(1_000).marginMillis()).isEqualTo(300);
        assertThat(new LeaseRule(30_000).marginMillis()).isEqualTo(3_000);
    }

    @Test
    void letsOthersCompeteOnlyWhenFivePercentDriftCannotMatter() {
        var rule = new LeaseRule(10_000);
        assertThat(rule.mayCompete(10_500)).isFalse();
        assertThat(rule.mayCompete(10_501)).isTrue();
    }

    @Test
    void refusesAShortTtl() {
        assertThatIllegalArgumentException().isThrownBy(() -> new LeaseRule(999));
    }
}
