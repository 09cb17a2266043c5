package io.kumki.config;

import java.util.Set;
import java.util.regex.Pattern;

/**
 * Variables that begin with KUMKI_ and are no settings of the agent: others', or nobody's doing.
 */
final class OtherVariables {
    /**
     * Of the command line, the runner, HAProxy's file, the compose files, the packages, ./build.
     */
    private static final Set<String> OURS =
            Set.of(
                    "KUMKI_API",
                    "KUMKI_APPLY_DELAY",
                    "KUMKI_APT_FRESH",
                    "KUMKI_BASE",
                    "KUMKI_BUILDER",
                    "KUMKI_CACHE",
                    "KUMKI_CI_NEWER",
                    "KUMKI_CONFIG",
                    "KUMKI_EXECUTABLE",
                    "KUMKI_HOLD",
                    "KUMKI_IMAGE",
                    "KUMKI_INITDB",
                    "KUMKI_JAVA_HOME",
                    "KUMKI_JAVA_OPTIONS",
                    "KUMKI_JAVA_OPTS",
                    "KUMKI_JVM_BASE",
                    "KUMKI_LAG",
                    "KUMKI_LIB",
                    "KUMKI_LUA",
                    "KUMKI_MEMORY",
                    "KUMKI_NETWORK",
                    "KUMKI_NO_INSTALL",
                    "KUMKI_PASSWORD",
                    "KUMKI_PGBIN",
                    "KUMKI_PLATFORMS",
                    "KUMKI_READ",
                    "KUMKI_RUN",
                    "KUMKI_SALVAGE",
                    "KUMKI_SHARE",
                    "KUMKI_STATS",
                    "KUMKI_UID",
                    "KUMKI_WRITE");

    /** Whole families of ours: a new member of one must stop no agent. */
    private static final Pattern FAMILIES =
            Pattern.compile(
                    "KUMKI_(BACKUP|DEMO|JOB|NATIVE|POSTGRES_OPTIONS|REPLICATION|SLOT|SOCKET)(_.*)?");

    /**
     * What Kubernetes puts into each container of a namespace that has a service called kumki or
     * kumki-something:
     * https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
     */
    private static final Pattern LINK =
            Pattern.compile(
                    "KUMKI(_[A-Z0-9]+)*_(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?"
                            + "|PORT_\\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)");

    private static final Pattern LINK_BARE = Pattern.compile("KUMKI(_[A-Z0-9]+)*_PORT");
    private static final Pattern ADDRESS = Pattern.compile("(tcp|udp|sctp)://.+");

    private OtherVariables() {}

    static boolean has(String name, String value) {
        return OURS.contains(name)
                || FAMILIES.matcher(name).matches()
                || LINK.matcher(name).matches()
                || LINK_BARE.matcher(name).matches() && ADDRESS.matcher(value).matches();
    }
}
