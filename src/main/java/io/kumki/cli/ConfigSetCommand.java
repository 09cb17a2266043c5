package io.kumki.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        name = "set",
        mixinStandardHelpOptions = true,
        description = "Changes it on all nodes at once, without a restart: ttl=5s, mode=sync.")
final class ConfigSetCommand implements Callable<Integer> {
    @Mixin private AgentOptions options;
    @Mixin private ReasonOption reason;

    @Parameters(arity = "1..*", paramLabel = "KEY=VALUE", description = "ttl=5s, mode=sync|async")
    private List<String> settings = new ArrayList<>();

    @Override
    public Integer call() {
        return options.run(this::set);
    }

    private void set(AgentClient agents, PrintWriter out) throws Failure {
        var wish = new TreeMap<String, Object>();
        for (var setting : settings) {
            int equals = setting.indexOf('=');
            if (equals < 1) {
                throw new Failure(
                        Failure.USAGE,
                        "expected KEY=VALUE, found \"%s\". Nothing was done.".formatted(setting));
            }
            if (wish.put(setting.substring(0, equals), setting.substring(equals + 1)) != null) {
                throw new Failure(
                        Failure.USAGE,
                        "%s is given twice. Nothing was done."
                                .formatted(setting.substring(0, equals)));
            }
        }
        out.println(options.said(agents.post("/api/v1/config", reason.body(wish))));
    }
}
