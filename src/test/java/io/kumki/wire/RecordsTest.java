package io.kumki.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.kumki.core.model.Agreed;
import io.kumki.core.model.ClusterRecord;
import io.kumki.core.model.Lsn;
import io.kumki.core.model.Mode;
import io.kumki.core.model.NodeId;
import io.kumki.core.model.Position;
import io.kumki.core.model.Safety;
import io.kumki.core.model.Tenure;
import io.kumki.core.model.Wishes;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The register's text, also as other versions wrote it. */
class RecordsTest {
    private static final NodeId ANNA = new NodeId("anna");
    private static final String BEFORE_AGREED =
            """
            anna/1/1
            {"cluster":"demo","systemId":"7351","tenure":{"term":7,"holder":"anna",\
            "renewal":"anna/1/1","released":false,"releasedTo":null},\
            "position":{"timeline":1,"lsn":"0/10"},"safety":{"mode":"ASYNC","safe":["anna"]},\
            "wishes":{"paused":false,"switchover":null,"forced":null},"history":[]}\
            """;

    private static ClusterRecord record() {
        return new ClusterRecord(
                "demo",
                "7351",
                new Tenure(7, ANNA, "anna/1/1", false, Optional.empty(), 5000),
                new Position(1, new Lsn(16)),
                new Safety(Mode.ASYNC, Set.of(ANNA)),
                Wishes.NONE,
                List.of(),
                Optional.of(new Agreed(5000, Mode.SYNC, Set.of(ANNA))));
    }

    @Test
    void whatIsWrittenIsReadAgain() {
        var text = new Json.Records().encode(record());

        assertThat(new Json.Records().decode(text)).isEqualTo(record());
        assertThat(text).startsWith("anna/1/1\n");
    }

    @Test
    void aRecordFromBeforeAnythingWasAgreedOnCanBeRead() {
        var read = new Json.Records().decode(BEFORE_AGREED);

        assertThat(read.agreed()).isEmpty();
        assertThat(read.tenure().ttl()).isZero();
        assertThat(read.safety().mode()).isEqualTo(Mode.ASYNC);
    }

    @Test
    void whatWasReadIsExpectedAsItStood() {
        var codec = new Json.Records();

        assertThat(codec.encode(codec.decode(BEFORE_AGREED))).isEqualTo(BEFORE_AGREED);
    }
}
