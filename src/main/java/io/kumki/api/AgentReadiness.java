package io.kumki.api;

import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** {@code /readiness} once more, where MicroProfile's users look for it: /q/health/ready. */
@Readiness
public final class AgentReadiness implements HealthCheck {
    private final Pulse pulse;

    public AgentReadiness(Pulse pulse) {
        this.pulse = pulse;
    }

    @Override
    public HealthCheckResponse call() {
        return AgentLiveness.answer("node", pulse.vitals().readiness(LagLimit.NONE));
    }
}
