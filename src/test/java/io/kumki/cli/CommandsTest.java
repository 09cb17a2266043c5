package io.kumki.cli;

import static io.kumki.api.Scene.N1;
import static io.kumki.api.Scene.N2;
import static org.assertj.core.api.Assertions.assertThat;

import io.kumki.api.ClusterView;
import io.kumki.api.Scene;
import io.kumki.core.model.Action;
import io.kumki.core.model.Decision;
import io.kumki.core.model.Lease;
import io.kumki.core.model.Rule;
import io.kumki.core.model.Tenure;
import io.kumki.core.model.Wishes;
import io.kumki.wire.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

@Timeout(30)
class CommandsTest {
    private static final String DEAD = "127.0.0.1:1";

    @TempDir Path folder;
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private FakeAgent agent;
    private Path token;

    @BeforeEach
    void start() throws IOException {
        agent = new FakeAgent().says("/api/v1/cluster", 200, view(Scene.onLeader()));
        token = Files.writeString(folder.resolve("token"), "s3cret-of-this-test\n");
    }

    @AfterEach
    void stop() {
        agent.close();
    }

    private static String view(Scene scene) {
        return Json.write(ClusterView.of(scene.snapshot()));
    }

    private int run(String... args) {
        return new CommandLine(new KumkiCommand())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(args);
    }

    private int runWithToken(String command, String... more) {
        var args = new ArrayList<>(List.of(command));
        args.addAll(List.of("--api", agent.address(), "--token-file", token.toString()));
        args.addAll(List.of(more));
        return run(args.toArray(String[]::new));
    }

    @Test
    void statusShowsTheTable() {
        assertThat(run("status", "--api", agent.address())).isZero();
        assertThat(out.toString()).contains("leader n1 (10.0.0.1:5432), term 7, sync");
    }

    @Test
    void statusAsJsonIsTheAgentsOwn() {
        assertThat(run("status", "-o", "json", "--api", agent.address())).isZero();
        assertThat(out.toString().strip()).isEqualTo(view(Scene.onLeader()));
    }

    @Test
    void theNextAgentIsAskedIfOneIsDead() {
        assertThat(run("status", "--api", DEAD + "," + agent.address())).isZero();
    }

    @Test
    void withoutAnyAgentItEndsWith69() {
        assertThat(run("status", "--api", DEAD)).isEqualTo(69);
        assertThat(err.toString()).contains("no agent answered", DEAD, "Nothing was done");
        assertThat(run("pause", "--api", DEAD, "--token-file", token.toString())).isEqualTo(69);
    }

    @Test
    void aNameThatNobodyHasIsToldFromAnAgentThatIsDown() {
        assertThat(run("status", "--api", "nobody.invalid:8008," + DEAD)).isEqualTo(69);
        assertThat(err.toString())
                .contains("nobody.invalid:8008: no such host", DEAD + ": no connection");
    }

    @Test
    void anAgentsConfigurationIsCheckedWithoutAStart() throws IOException {
        var keys =
                """
                node = w
                witness = true
                peers = a=h:8008,b=i:8008,w=j:8008
                token-file = %s
                state-dir = %s
                """
                        .formatted(token, folder);
        var file = Files.writeString(folder.resolve("agent.conf"), keys).toString();
        assertThat(run("agent", "--check", "--config", file)).isZero();
        assertThat(out.toString()).contains("the configuration of w is well; nothing was started");
        assertThat(run("agent", "--check", "--config", file, "--ttl=5")).isEqualTo(78);
    }

    @Test
    void helpIsACommandToo() {
        assertThat(run("help")).isZero();
        assertThat(out.toString()).contains("Usage: kumki", "switchover", "Exit codes");
        assertThat(run("help", "pause")).isZero();
        assertThat(out.toString()).contains("Usage: kumki pause");
    }

    @Test
    void wrongUsageEndsWith2() {
        assertThat(run("status", "--api", "nonsense")).isEqualTo(2);
        assertThat(run("failover", "n2")).isEqualTo(2);
        assertThat(run("failover", "--accept-data-loss")).isEqualTo(2);
        assertThat(run("frobnicate")).isEqualTo(2);
        assertThat(run()).isEqualTo(2);
    }

    @Test
    void aWishGoesOutWithTheToken() {
        agent.says("/api/v1/failover", 200, "{\"message\":\"n2 will lead\"}");
        assertThat(runWithToken("failover", "n2", "--accept-data-loss")).isZero();
        assertThat(agent.heard)
                .containsExactly(
                        "POST /api/v1/failover Bearer s3cret-of-this-test {\"to\":\"n2\"}");
        assertThat(out.toString()).isEqualToIgnoringNewLines("n2 will lead");
    }

    @Test
    void refusalsEndWith1AndTheReason() {
        agent.says(
                "/api/v1/resume", 409, "{\"message\":\"it is not paused; nothing was changed\"}");
        assertThat(runWithToken("resume")).isEqualTo(1);
        assertThat(err.toString()).contains("kumki resume: it is not paused");
    }

    @Test
    void withoutAMajorityItEndsWith1() {
        agent.says("/api/v1/pause", 503, "{\"message\":\"1 of 3 voters answer\"}");
        assertThat(runWithToken("pause")).isEqualTo(1);
        assertThat(err.toString()).contains("not done, as far as is known", "1 of 3 voters answer");
    }

    @Test
    void aRefusedOrMissingTokenEndsWith77() {
        agent.says("/api/v1/readmit", 401, "{\"message\":\"the token that came is another one\"}");
        assertThat(runWithToken("readmit")).isEqualTo(77);
        assertThat(run("pause", "--api", agent.address(), "--token-file", "/no/such"))
                .isEqualTo(77);
        assertThat(err.toString()).contains("another one", "/no/such");
    }

    @Test
    void historyIsShown() {
        agent.says("/api/v1/history", 200, Json.write(Scene.record().history()));
        assertThat(run("history", "--api", agent.address())).isZero();
        assertThat(out.toString()).contains("failover", "3.6 s");
    }

    @Test
    void switchoverWaitsForTheNewLeader() {
        agent.says("/api/v1/cluster", 200, view(pending()))
                .says("/api/v1/cluster", 200, view(pending()))
                .says("/api/v1/cluster", 200, view(switched()))
                .says("/api/v1/switchover", 200, "{\"message\":\"switchover from n1 to n2\"}");
        assertThat(runWithToken("switchover", "n2")).isZero();
        assertThat(out.toString())
                .contains(
                        "switchover from n1 to n2",
                        "n1 S14-stop: now",
                        "n2 leads and accepts writes");
    }

    @Test
    void aDroppedSwitchoverEndsWith1() {
        agent.says("/api/v1/cluster", 200, view(pending()))
                .says("/api/v1/cluster", 200, view(Scene.onLeader()))
                .says("/api/v1/switchover", 200, "{\"message\":\"switchover from n1 to n2\"}");
        assertThat(runWithToken("switchover")).isEqualTo(1);
        assertThat(err.toString()).contains("dropped", "n1 still leads");
    }

    @Test
    void anAbortTakesTheWishBack() {
        agent.says("/api/v1/switchover", 200, "{\"message\":\"aborted: n1 goes on leading\"}");
        assertThat(runWithToken("switchover", "--abort")).isZero();
        assertThat(out.toString()).contains("n1 goes on leading");
        assertThat(agent.heard).singleElement().asString().startsWith("DELETE /api/v1/switchover");
    }

    @Test
    void anAbortWithATargetIsWrongUse() {
        assertThat(runWithToken("switchover", "--abort", "n2")).isEqualTo(2);
        assertThat(err.toString()).contains("Nothing was done");
        assertThat(agent.heard).isEmpty();
    }

    @Test
    void forceIsPassedOn() {
        agent.says("/api/v1/cluster", 200, view(pending()))
                .says("/api/v1/cluster", 200, view(switched()))
                .says("/api/v1/switchover", 200, "{\"message\":\"switchover from n1 to n2\"}");
        assertThat(runWithToken("switchover", "n2", "--force")).isZero();
        assertThat(agent.heard).anyMatch(h -> h.endsWith("{\"force\":true,\"to\":\"n2\"}"));
    }

    private static Scene pending() {
        var wish = new Wishes(false, Optional.of(new Wishes.Switchover(N1, N2)), Optional.empty());
        return Scene.onLeader()
                .register(r -> r.with(wish))
                .decision(new Decision(Rule.S14_STOP, new Action.Stop(false), "now"));
    }

    private static Scene switched() {
        return Scene.onReplica()
                .lease(new Lease.Mine(8, 2000, true))
                .server(N2, Scene.primary("n1"))
                .server(N1, Scene.replica(true, Scene.AT, 0))
                .register(r -> r.with(new Tenure(8, N2, "n2/a/1", false, Optional.empty(), 3000)));
    }
}
