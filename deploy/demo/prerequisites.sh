# shellcheck shell=bash
# Finds, or as root on Debian and Ubuntu installs, what ./build and ./demo need.
# Sourced by both. Messages go to stderr, answers to stdout. Exit code 69: something is missing.

readonly JDK_MIN=21
readonly MAVEN_MIN=3.8.6
readonly JDK_PACKAGES=(openjdk-25-jdk-headless openjdk-21-jdk-headless)

say() { printf '%s\n' "$*"; }
tell() { printf '%s\n' "$*" >&2; }
die() { # CODE MESSAGE...
    local code=$1
    shift
    tell "$@"
    exit "$code"
}

# Major version of the JDK in folder $1; fails when there is none or no compiler in it.
jdk_major() {
    local version
    [[ -x $1/bin/javac ]] || return 1
    version=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release" 2>/dev/null)
    [[ -n $version ]] && say "$version"
}

jdk_fits() {
    local major
    major=$(jdk_major "$1") && ((major >= JDK_MIN))
}

# Prints the folder of a fitting JDK: JAVA_HOME, else java on PATH, else the newest installed one.
find_jdk() {
    local java folder major best='' best_major=0
    if [[ -n ${JAVA_HOME:-} ]] && jdk_fits "$JAVA_HOME"; then
        say "$JAVA_HOME"
        return
    fi
    if java=$(command -v java) && folder=$(dirname "$(dirname "$(readlink -f "$java")")") &&
        jdk_fits "$folder"; then
        say "$folder"
        return
    fi
    for folder in /usr/lib/jvm/* /opt/* "${HOME:-/root}"/.sdkman/candidates/java/* \
        "${HOME:-/root}"/.jdks/*; do
        major=$(jdk_major "$folder") || continue
        if ((major >= JDK_MIN && major > best_major)); then
            best=$folder best_major=$major
        fi
    done
    [[ -n $best ]] && say "$best"
}

may_install() { [[ $EUID -eq 0 && -z ${KUMKI_NO_INSTALL:-} ]] && command -v apt-get >/dev/null; }

# First of the given packages that apt can install; fails when it knows none.
installable() {
    local package
    for package in "$@"; do
        if apt-cache policy "$package" 2>/dev/null | grep 'Candidate: [0-9]' >/dev/null; then
            say "$package"
            return
        fi
    done
    return 1
}

refresh_packages() {
    [[ -n ${KUMKI_APT_FRESH:-} ]] && return
    tell "apt-get update"
    apt-get update -qq >&2 </dev/null || tell "apt-get update failed; going on with the lists at hand."
    export KUMKI_APT_FRESH=1
}

# Installs packages $2... which are needed for $1, or says how to and ends with 69.
install_packages() {
    local what=$1
    shift
    if ! may_install; then
        die 69 "Missing: $what. Nothing was done. Install it with this command, then try again:" \
            $'\n'"    $( ((EUID == 0)) || printf 'sudo ')apt-get install -y $*"
    fi
    refresh_packages
    tell "Missing: $what. Installing with: apt-get install -y $*"
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" \
        </dev/null >&2 || die 69 "apt-get could not install $*; see above."
}

# Prints the folder of a fitting JDK; installs one where that is possible.
need_jdk() {
    local package
    find_jdk && return
    if may_install; then
        refresh_packages
        package=$(installable "${JDK_PACKAGES[@]}") || die 69 \
            "Missing: a JDK, $JDK_MIN or newer, and apt knows none of: ${JDK_PACKAGES[*]}." \
            "Unpack one under /opt, or set JAVA_HOME to one, then try again."
    else
        package=$(installable "${JDK_PACKAGES[@]}") || package=${JDK_PACKAGES[1]}
    fi
    install_packages "a JDK, $JDK_MIN or newer" "$package"
    find_jdk || die 69 "$package is installed, but no JDK $JDK_MIN or newer is to be found."
}

# Is there a Maven that is new enough? Asked outside of the project, whose .mvn/jvm.config is ours.
maven_fits() {
    local version
    command -v mvn >/dev/null || return 1
    version=$(cd / && JAVA_HOME=$1 mvn -v 2>/dev/null | sed -n 's/.*Apache Maven \([0-9.]*\).*/\1/p')
    [[ -n $version && $(printf '%s\n' "$MAVEN_MIN" "$version" | sort -V | head -n 1) == "$MAVEN_MIN" ]]
}

need_maven() { # JAVA_HOME
    maven_fits "$1" && return
    install_packages "Maven $MAVEN_MIN or newer" maven
    maven_fits "$1" || die 69 \
        "The mvn on PATH is not Maven $MAVEN_MIN or newer. Put a newer one first on PATH."
}

# Prints the folder of PostgreSQL's server programs: KUMKI_PGBIN, else the newest.
find_postgres() {
    local folder
    while read -r folder; do
        if [[ -x $folder/postgres && -x $folder/pg_basebackup && -x $folder/pg_rewind ]]; then
            say "$folder"
            return
        fi
    done < <(
        say "${KUMKI_PGBIN:-}"
        printf '%s\n' /usr/lib/postgresql/*/bin /usr/pgsql-*/bin | sort -rV
        dirname "$(readlink -f "$(command -v postgres || say /none/none)")"
    )
    return 1
}

need_postgres() {
    find_postgres && return
    install_packages "PostgreSQL's server programs" postgresql
    find_postgres || die 69 "PostgreSQL is installed, but postgres, pg_basebackup and pg_rewind" \
        "are not to be found. Set KUMKI_PGBIN to their folder."
}

# What the integration tests and checks use besides Java; all in one command.
need_test_tools() {
    local missing=()
    find_postgres >/dev/null || missing+=(postgresql)
    command -v shellcheck >/dev/null || missing+=(shellcheck)
    command -v ip >/dev/null || missing+=(iproute2)
    command -v haproxy >/dev/null || missing+=(haproxy)
    command -v pgbouncer >/dev/null || missing+=(pgbouncer)
    command -v openssl >/dev/null || missing+=(openssl)
    command -v pgbackrest >/dev/null || missing+=(pgbackrest)
    # The system's own: psycopg2 goes with no other python3 that may stand first on PATH.
    /usr/bin/python3 -c 'import psycopg2' 2>/dev/null || missing+=(python3 python3-psycopg2)
    ((${#missing[@]})) || return 0
    install_packages "tools of the tests, of these packages: ${missing[*]}" \
        "${missing[@]}"
}
