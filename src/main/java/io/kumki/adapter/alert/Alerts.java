package io.kumki.adapter.alert;

import io.kumki.agent.Snapshot;
import io.kumki.agent.StatusBoard;
import io.kumki.agent.port.Clock;
import io.kumki.agent.port.Publisher;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.StartupEvent;
import io.vertx.ext.web.client.WebClientOptions;
import io.vertx.mutiny.core.Vertx;
import io.vertx.mutiny.ext.web.client.WebClient;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.jboss.logging.Logger;

/** After each tick: looks what is new, logs it, and hands it to every webhook. */
@Singleton
public final class Alerts implements Publisher {
    private static final Logger LOG = Logger.getLogger(Alerts.class);

    private final List<Webhook> webhooks;
    private final Clock clock;
    private final Certificates certificates;
    private AlertRule.Memory memory = AlertRule.Memory.NONE;
    private long written;

    @Inject
    public Alerts(
            AlertSettings settings,
            Vertx vertx,
            Clock clock,
            Certificates certificates,
            MeterRegistry meters) {
        this(settings, vertx, clock, certificates, meters, Webhook.Pace.DEFAULT);
    }

    Alerts(
            AlertSettings settings,
            Vertx vertx,
            Clock clock,
            Certificates certificates,
            MeterRegistry meters,
            Webhook.Pace pace) {
        var client =
                WebClient.create(
                        vertx,
                        new WebClientOptions()
                                .setConnectTimeout((int) pace.timeout())
                                .setFollowRedirects(false));
        this.webhooks =
                settings.hooks().stream().map(h -> new Webhook(h, vertx, client, pace)).toList();
        this.clock = clock;
        this.certificates = certificates;
        webhooks.forEach(w -> measure(w, meters));
    }

    void start(@Observes StartupEvent event, StatusBoard board) {
        board.tell(this);
    }

    /** On the loop's thread; returns at once. */
    @Override
    public void publish(Snapshot snapshot) {
        try {
            var step = AlertRule.step(memory, snapshot, certificates.expires(), clock.uptime());
            memory = step.memory();
            step.alerts().forEach(alert -> send(alert, snapshot));
        } catch (RuntimeException e) {
            LOG.error("alerts of this tick are lost, by a bug; the loop goes on", e);
        }
    }

    private void send(Alert alert, Snapshot snapshot) {
        var id = "%s-%d-%d".formatted(snapshot.view().self(), snapshot.at(), ++written);
        LOG.infof(
                "alert event=%s severity=%s id=%s title=\"%s\"",
                alert.event(), alert.severity(), id, alert.title());
        for (var webhook : webhooks) {
            webhook.send(Letter.write(webhook.hook().format(), alert, snapshot, id));
        }
    }

    private static void measure(Webhook webhook, MeterRegistry meters) {
        count("kumki.alerts.sent", "alerts delivered", webhook, Webhook::sent, meters);
        count("kumki.alerts.failed", "attempts that failed", webhook, Webhook::failed, meters);
        count("kumki.alerts.dropped", "alerts given up", webhook, Webhook::dropped, meters);
    }

    private static void count(
            String name,
            String what,
            Webhook webhook,
            ToDoubleFunction<Webhook> value,
            MeterRegistry meters) {
        FunctionCounter.builder(name, webhook, value)
                .description(what)
                .tag("webhook", webhook.hook().name())
                .register(meters);
    }
}
