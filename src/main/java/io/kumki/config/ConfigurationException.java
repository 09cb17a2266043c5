package io.kumki.config;

import java.util.List;

/** The configuration is refused as a whole; nothing was started or changed. */
public final class ConfigurationException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ConfigurationException(List<String> problems) {
        super(
                "kumki agent: the configuration is refused, nothing was started.\n  - "
                        + String.join("\n  - ", problems)
                        + "\nCorrect "
                        + (problems.size() == 1 ? "it" : "them")
                        + " and start again; docs/CONFIGURATION.md lists every key.");
    }
}
