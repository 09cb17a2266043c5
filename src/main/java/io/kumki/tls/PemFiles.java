package io.kumki.tls;

import java.nio.file.Path;

/**
 * Where the PEM files of one agent or operator are.
 *
 * @param certificate its own first, then those between it and the authority
 * @param key PKCS#8, not encrypted
 * @param authority one or more certificates that everybody else's must be issued by
 */
public record PemFiles(Path certificate, Path key, Path authority) {}
