package io.kumki.adapter.alert;

import java.net.URI;
import java.util.List;

/** Where alerts go. Empty: nowhere. */
public record AlertSettings(List<Hook> hooks) {
    public AlertSettings {
        hooks = List.copyOf(hooks);
    }

    /** How the text is wrapped. */
    public enum Format {
        JSON,
        SLACK
    }

    /**
     * One webhook.
     *
     * @param url http or https; often a secret in itself, so it is never logged whole
     */
    public record Hook(URI url, Format format) {
        public Hook {
            boolean web = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
            if (!web || url.getHost() == null) {
                throw new IllegalArgumentException(
                        "a webhook must be an http or https URL with a host name (no"
                                + " underscores), got scheme \""
                                + url.getScheme()
                                + "\" and host \""
                                + url.getHost()
                                + "\"");
            }
        }

        /** For logs and metrics: without path and query, which may hold the secret. */
        public String name() {
            return url.getPort() < 0 ? url.getHost() : url.getHost() + ":" + url.getPort();
        }
    }
}
