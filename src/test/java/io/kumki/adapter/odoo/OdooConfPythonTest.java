package io.kumki.adapter.odoo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random files, judged by the parser that Odoo uses. Another run of luck: {@code
 * -Dodoo.conf.seed=7}.
 */
class OdooConfPythonTest {
    private static final int FILES = 1500;

    /** Prints one line a file: what Python thinks of the file, and of each of the rewrites. */
    private static final String JUDGE =
            """
            import configparser, os, sys
            OWNED = ('db_host', 'db_port', 'db_replica_host', 'db_replica_port')
            def read(path):
                p = configparser.RawConfigParser()
                p.read([path], encoding=open(path + '.enc').read())
                p.items('options')
                return p
            def rest(p):
                out = {s: dict(p.items(s)) for s in p.sections()}
                for key in OWNED:
                    out['options'].pop(key, None)
                own = {s: dict(p._sections[s]) for s in p.sections() if s != 'options'}
                return out['options'], own, dict(p.defaults())
            def says(p):
                values = dict(p.items('options'))
                found = [values.get(key) for key in OWNED]
                return ' '.join('-' if v in (None, 'False', 'false', 'None') else v for v in found)
            os.chdir(sys.argv[1])
            for i in range(int(sys.argv[2])):
                try:
                    before = read(f'{i}.before')
                except (configparser.Error, UnicodeDecodeError) as e:
                    print('refused')
                    continue
                verdict = []
                for kind in ('both', 'alone', 'again'):
                    path = f'{i}.{kind}'
                    if not os.path.exists(path):
                        verdict.append('unwritten')
                        continue
                    after = read(path)
                    same = rest(after) == rest(before)
                    verdict.append(says(after) if same else 'DIFFERENT')
                print('|'.join(verdict))
            """;

    private static final Endpoints BOTH =
            new Endpoints(
                    new HostPort("10.0.0.1", 5433), Optional.of(new HostPort("pg-b.lan", 6432)));
    private static final Endpoints ALONE = new Endpoints(BOTH.writer(), Optional.empty());

    private static final List<String> KEYS =
            List.of(
                    "db_host",
                    "db_port",
                    "db_replica_host",
                    "db_replica_port",
                    "DB_Host",
                    "Db_Replica_Port",
                    "db_name",
                    "workers",
                    "admin_passwd",
                    "db_hosts",
                    "größe",
                    "Größe",
                    "limit time",
                    "a]",
                    "[x");
    private static final List<String> VALUES =
            List.of(
                    "",
                    "5432",
                    "10.0.0.9",
                    "False",
                    "None",
                    "a ; old",
                    "%(x)s",
                    "ü=ö:#",
                    "  b  ",
                    "\"q\"",
                    "\u00a0nbsp\u00a0",
                    "[options]");
    private static final List<String> INDENTS =
            List.of(
                    "", "", "", "", "", "", " ", "  ", "\t", "\u00a0", "\f", "\u001c", "\u0085",
                    "\u2003");
    private static final List<String> HEADERS =
            List.of("[queue_job]", "[DEFAULT]", "[other] ; x]", "[a]=b", "[]", "[Options]");

    @TempDir Path folder;

    private final Random random = new Random(Long.getLong("odoo.conf.seed", 1L));

    @Test
    void pythonReadsEveryRewriteAsWantedAndRefusesWhatWeRefuse() throws Exception {
        List<String> expected = new ArrayList<>();
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < FILES; i++) {
            String text = someFile();
            texts.add(text);
            expected.add(rewrite(i, text));
        }
        List<String> verdicts = python();
        assertThat(verdicts).hasSize(FILES);
        for (int i = 0; i < FILES; i++) {
            assertThat(verdicts.get(i))
                    .as("file %d:%n%s", i, texts.get(i).replace("\r", "\\r"))
                    .isEqualTo(expected.get(i));
        }
        long refused = expected.stream().filter("refused"::equals).count();
        assertThat(refused).as("both kinds occur").isBetween(FILES / 20L, FILES / 2L);
    }

    /** Withdraws and restores too; a second rewrite must change no byte. */
    private String rewrite(int number, String text) throws IOException {
        boolean latin = random.nextInt(10) == 0;
        Charset charset = latin ? StandardCharsets.ISO_8859_1 : StandardCharsets.UTF_8;
        byte[] before = text.getBytes(charset);
        boolean isUtf8 = new String(before, StandardCharsets.UTF_8).equals(text) || !latin;
        write(number + ".before", before, isUtf8);
        try {
            byte[] both = OdooConf.parse("f", before).rewrite(BOTH);
            byte[] alone = OdooConf.parse("f", both).rewrite(ALONE);
            byte[] again = OdooConf.parse("f", alone).rewrite(BOTH);
            assertThat(OdooConf.parse("f", both).rewrite(BOTH)).isEqualTo(both);
            assertThat(OdooConf.parse("f", alone).rewrite(ALONE)).isEqualTo(alone);
            assertThat(OdooConf.parse("f", again).rewrite(ALONE)).isEqualTo(alone);
            write(number + ".both", both, isUtf8);
            write(number + ".alone", alone, isUtf8);
            write(number + ".again", again, isUtf8);
            String full = "10.0.0.1 5433 pg-b.lan 6432";
            return full + "|10.0.0.1 5433 - -|" + full;
        } catch (OdooConfException e) {
            assertThat(e).hasMessageNotContaining("report this");
            return "refused";
        }
    }

    private void write(String name, byte[] bytes, boolean utf8) throws IOException {
        Files.write(folder.resolve(name), bytes);
        Files.writeString(folder.resolve(name + ".enc"), utf8 ? "utf-8" : "latin-1");
    }

    private String someFile() {
        String end = pick(List.of("\n", "\n", "\r\n", "\r"));
        StringBuilder text = new StringBuilder(random.nextInt(40) == 0 ? "\uFEFF" : "");
        List<String> unused = new ArrayList<>(KEYS);
        boolean before = random.nextInt(4) == 0;
        if (before) {
            text.append(pick(HEADERS)).append(end);
            addEntries(text, new ArrayList<>(KEYS), end, 3);
        }
        String header = random.nextInt(30) == 0 ? "[Options]" : "[options]";
        text.append(random.nextInt(8) == 0 ? "  " : "").append(header).append(end);
        addEntries(text, unused, end, 9);
        if (random.nextInt(3) == 0) {
            text.append(pick(HEADERS)).append(end);
            addEntries(text, new ArrayList<>(KEYS), end, 3);
        }
        boolean cut = random.nextInt(4) == 0 && text.toString().endsWith(end);
        return cut ? text.substring(0, text.length() - end.length()) : text.toString();
    }

    private void addEntries(StringBuilder text, List<String> unused, String end, int most) {
        String block = random.nextInt(6) == 0 ? "  " : "";
        for (int i = random.nextInt(most + 1); i > 0; i--) {
            text.append(block).append(someLine(unused)).append(end);
        }
    }

    private String someLine(List<String> unused) {
        return switch (random.nextInt(100)) {
            case 0 -> "key without value";
            case 1 -> "= value without key";
            case 2, 3, 4, 5, 6 -> pick(List.of("", "   ", "\t"));
            case 7, 8, 9, 10, 11, 12, 13 -> "  " + pick(VALUES) + " more";
            case 14, 15, 16, 17, 18 -> pick(INDENTS) + pick(List.of("#", ";", "; ")) + "a comment";
            case 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30 ->
                    pick(INDENTS) + pick(List.of("#", ";", "; ", "# ")) + entry(pick(KEYS));
            case 31 -> entry(pick(KEYS));
            default -> unused.isEmpty() ? "" : pick(INDENTS) + entry(take(unused));
        };
    }

    private String entry(String key) {
        return key + pick(List.of("=", " = ", ":", " : ", "  =  ", " =")) + pick(VALUES);
    }

    /** Mostly without twins, so that most files are good ones. */
    private String take(List<String> unused) {
        String key = unused.get(random.nextInt(unused.size()));
        unused.removeIf(key::equalsIgnoreCase);
        return key;
    }

    private <T> T pick(List<T> from) {
        return from.get(random.nextInt(from.size()));
    }

    private List<String> python() throws Exception {
        Path script = Files.writeString(folder.resolve("judge.py"), JUDGE);
        Path output = folder.resolve("verdicts");
        Process process =
                new ProcessBuilder("python3", script.toString(), folder.toString(), "" + FILES)
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
        assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
        List<String> verdicts = Files.readAllLines(output);
        assertThat(process.exitValue()).as("python3 said %s", verdicts).isZero();
        return verdicts;
    }
}
