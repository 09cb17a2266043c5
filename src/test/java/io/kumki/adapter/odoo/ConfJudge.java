package io.kumki.adapter.odoo;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.stream.Collectors;

/**
 * Python's RawConfigParser, which Odoo reads its file with, in one process for many files. For a
 * file and its rewrites it says what Odoo would take, or what else has changed.
 */
final class ConfJudge implements AutoCloseable {
    static final String REFUSED = "refused";

    /**
     * A line in: the files in base64, the original first. A line out: {@code refused}, or for each
     * rewrite the four values as Odoo takes them. Bytes that are not UTF-8 are read as Latin-1,
     * which under such a locale is how Odoo reads them.
     */
    private static final String PROGRAM =
            """
            import base64, configparser, difflib, io, re, sys
            OWNED = ('db_host', 'db_port', 'db_replica_host', 'db_replica_port')
            OURS = re.compile(r'\\s*(;\\s*)?db_(replica_)?(host|port)\\s*[=:]', re.IGNORECASE)

            def encoding(raw):
                try:
                    raw.decode('utf-8')
                    return 'utf-8'
                except UnicodeDecodeError:
                    return 'latin-1'

            def read(raw):
                p = configparser.RawConfigParser()
                p.read_file(io.TextIOWrapper(io.BytesIO(raw), encoding=encoding(raw)))
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

            def lines(raw):
                return io.StringIO(raw.decode(encoding(raw)), newline=None).read().split('\\n')

            def foreign(before, after):
                was, now = lines(before), lines(after)
                ours, own = [], False
                for line in was:
                    comment = line.strip()[:1] in ('#', ';')
                    if line and not comment:
                        own = bool(OURS.match(line)) or own and line[0].isspace()
                    ours.append(not line or OURS.match(line) or own and not comment)
                diff = difflib.SequenceMatcher(None, was, now, autojunk=False)
                for kind, a, b, c, d in diff.get_opcodes():
                    if kind != 'equal':
                        added = [line for line in now[c:d] if line and not OURS.match(line)]
                        removed = [was[at] for at in range(a, b) if not ours[at]]
                        if added or removed:
                            return f'added {added!r}, removed {removed!r}'
                return None

            for request in sys.stdin:
                raw = [base64.b64decode(part) for part in request.split()]
                try:
                    before = read(raw[0])
                except (configparser.Error, UnicodeDecodeError):
                    print('refused', flush=True)
                    continue
                verdict = []
                for other in raw[1:]:
                    try:
                        after = read(other)
                        same = rest(after) == rest(before)
                        strange = foreign(raw[0], other)
                        verdict.append(strange or (says(after) if same else 'DIFFERENT'))
                    except configparser.Error as e:
                        verdict.append('BROKEN ' + type(e).__name__)
                print('|'.join(verdict), flush=True)
            """;

    private final Process process;
    private final BufferedWriter requests;
    private final BufferedReader verdicts;

    ConfJudge(Path errors) throws IOException {
        process =
                new ProcessBuilder("python3", "-c", PROGRAM).redirectError(errors.toFile()).start();
        requests = process.outputWriter();
        verdicts = process.inputReader();
    }

    String judge(byte[]... files) {
        try {
            requests.write(
                    Arrays.stream(files)
                            .map(Base64.getEncoder()::encodeToString)
                            .collect(Collectors.joining(" ")));
            requests.write('\n');
            requests.flush();
            String verdict = verdicts.readLine();
            if (verdict == null) {
                throw new IllegalStateException("python3 has ended; see its errors");
            }
            return verdict;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
