package io.kumki.api;

import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;

/** {@code /liveness} once more, where MicroProfile's users look for it: /q/health/live. */
@Liveness
public final class AgentLiveness implements HealthCheck {
    private final Pulse pulse;

    public AgentLiveness(Pulse pulse) {
        this.pulse = pulse;
    }

    @Override
    public HealthCheckResponse call() {
        return answer("ticks", pulse.vitals().liveness());
    }

    static HealthCheckResponse answer(String name, Vitals.Answer answer) {
        return HealthCheckResponse.named(name)
                .status(answer.up())
                .withData("role", answer.role())
                .withData("reason", answer.reason())
                .build();
    }
}
