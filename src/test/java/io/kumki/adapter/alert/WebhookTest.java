package io.kumki.adapter.alert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.kumki.adapter.alert.AlertSettings.Format;
import io.kumki.adapter.alert.AlertSettings.Hook;
import io.kumki.api.Scene;
import io.kumki.core.model.Wishes;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.mutiny.core.Vertx;
import io.vertx.mutiny.ext.web.client.WebClient;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class WebhookTest {
    private static final Webhook.Pace FAST = new Webhook.Pace(20, 100, 1500, 10, 3);
    private static Vertx vertx;

    @BeforeAll
    static void start() {
        vertx = Vertx.vertx();
    }

    @AfterAll
    static void stop() {
        vertx.close().await().atMost(Duration.ofSeconds(5));
    }

    private static Webhook webhook(URI url) {
        return new Webhook(new Hook(url, Format.JSON), vertx, WebClient.create(vertx), FAST);
    }

    private static List<String> letters(int from, int to) {
        return IntStream.rangeClosed(from, to).mapToObj(i -> "letter " + i).toList();
    }

    @Test
    void bringsEveryLetterOnceAndInOrderThroughEveryTrouble() throws Exception {
        try (var chat =
                new ChatServer(500, ChatServer.HANG, 200, ChatServer.CUT, 429, 503, 200, 404)) {
            var webhook = webhook(chat.url());
            letters(1, 6).forEach(webhook::send);
            await().until(() -> webhook.sent() == 6);
            assertThat(chat.taken).isEqualTo(letters(1, 6));
            assertThat(webhook.failed()).isEqualTo(6);
            assertThat(webhook.dropped()).isZero();
        }
    }

    @Test
    void aLetterThatIsAlwaysRefusedIsDroppedAndTheNextOneGoes() throws Exception {
        try (var chat = new ChatServer(404, 404, 404)) {
            var webhook = webhook(chat.url());
            letters(1, 2).forEach(webhook::send);
            await().until(() -> webhook.sent() == 1);
            assertThat(chat.taken).containsExactly("letter 2");
            assertThat(webhook.dropped()).isEqualTo(1);
        }
    }

    @Test
    void aDeadServerHoldsNobodyUpAndTheOldestGoFirstWhenTheQueueIsFull() throws Exception {
        URI url;
        try (var chat = new ChatServer()) {
            url = chat.url();
        }
        var webhook = webhook(url);
        long began = System.nanoTime();
        letters(1, 1000).forEach(webhook::send);
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(3));
        await().until(() -> webhook.failed() > 3);
        assertThat(webhook.sent()).isZero();
        assertThat(webhook.dropped()).isBetween(989L, 991L);
    }

    @Test
    void alertsGoToEveryWebhookAndAreCounted() throws Exception {
        try (var chat = new ChatServer();
                var slack = new ChatServer(500)) {
            var meters = new SimpleMeterRegistry();
            var settings =
                    new AlertSettings(
                            List.of(
                                    new Hook(chat.url(), Format.JSON),
                                    new Hook(slack.url(), Format.SLACK)));
            var alerts = new Alerts(settings, vertx, () -> 1000, Optional::empty, meters, FAST);
            alerts.publish(Scene.onLeader().snapshot());
            var wishes = new Wishes(true, Optional.empty(), Optional.empty());
            alerts.publish(Scene.onLeader().register(r -> r.with(wishes)).snapshot());
            await().until(() -> chat.taken.size() == 1 && slack.taken.size() == 1);
            assertThat(chat.taken.get(0)).contains("\"event\":\"paused\"");
            assertThat(slack.taken.get(0))
                    .startsWith("{\"text\":\"*odoo: Warning: paused by an operator*\\n");
            await().until(
                            () ->
                                    meters.get("kumki.alerts.sent").functionCounters().stream()
                                                    .mapToDouble(c -> c.count())
                                                    .sum()
                                            == 2);
            assertThat(
                            meters.get("kumki.alerts.failed").functionCounters().stream()
                                    .mapToDouble(c -> c.count())
                                    .sum())
                    .isEqualTo(1);
        }
    }

    @Test
    void theUrlIsNotShownWhole() {
        var hook = new Hook(URI.create("https://chat.example/services/SECRET"), Format.SLACK);
        assertThat(hook.name()).isEqualTo("chat.example");
    }
}
