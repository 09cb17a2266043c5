package io.kumki.adapter.alert;

import io.kumki.adapter.alert.Alert.Severity;
import io.kumki.adapter.alert.AlertSettings.Format;
import io.kumki.agent.Snapshot;
import io.kumki.core.model.View;
import io.kumki.wire.Json;
import java.util.Map;
import java.util.TreeMap;

/** An alert as the body of a request. */
final class Letter {
    private Letter() {}

    /**
     * @param id the same for every attempt to deliver it, so that a receiver can tell a double
     */
    static String write(Format format, Alert alert, Snapshot snapshot, String id) {
        return switch (format) {
            case JSON -> json(alert, snapshot, id);
            case SLACK -> slack(alert, snapshot.view());
        };
    }

    private static String json(Alert alert, Snapshot snapshot, String id) {
        var view = snapshot.view();
        var body = new TreeMap<String, Object>();
        body.put("id", id);
        body.put("event", alert.event());
        body.put("severity", alert.severity().name());
        body.put("cluster", view.settings().cluster());
        body.put("node", view.self().name());
        body.put("term", view.register().map(r -> r.tenure().term()).orElse(0L));
        body.put("title", alert.title());
        body.put("text", alert.text());
        body.put("at", snapshot.at());
        body.put("fields", alert.fields());
        body.put("runbook", runbook(alert));
        return Json.write(body);
    }

    /** Slack's mrkdwn, which Mattermost takes too. */
    private static String slack(Alert alert, View view) {
        var sign =
                switch (alert.severity()) {
                    case INFO -> "";
                    case WARNING -> "Warning: ";
                    case CRITICAL -> "CRITICAL: ";
                };
        var title = view.settings().cluster() + ": " + sign + alert.title();
        var rest = alert.severity() == Severity.INFO ? "" : "\nWhat to do: " + runbook(alert);
        return Json.write(
                Map.of(
                        "text",
                        "*" + escaped(title) + "*\n" + escaped(alert.text().strip() + rest)));
    }

    /** The chapter that says what to do; it has an anchor for each event. */
    private static String runbook(Alert alert) {
        return "docs/RUNBOOK.md#" + alert.event();
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
