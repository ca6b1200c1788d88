# shellcheck shell=sh
# Sourced by ./mediator and ./mvnw. find_jdk TOOL sets JAVA_HOME to a Java of version 17 or newer that has bin/TOOL
# (java to run, javac to build), and returns 1 when there is none. It looks at JAVA_HOME, the PATH, and the folders
# that installers use; a Java that is too old or lacks the tool is passed over.

readonly JDK_MINIMUM=17

# jdk_major HOME: the major version, from the file that every Java has since 9, else from the program itself.
jdk_major() {
    jdk_version=
    if [ -r "$1/release" ]; then
        jdk_version=$(sed -n 's/^JAVA_VERSION="\{0,1\}\([0-9._]*\).*/\1/p' "$1/release")
    fi
    if [ -z "$jdk_version" ]; then
        jdk_version=$("$1/bin/java" -version 2>&1 | sed -n 's/.* version "\([0-9._]*\).*/\1/p' | head -n 1)
    fi
    case $jdk_version in
        1.*) jdk_version=${jdk_version#1.} ;;
    esac
    jdk_version=${jdk_version%%[._]*}
    echo "${jdk_version:-0}"
}

# jdk_usable HOME TOOL
jdk_usable() {
    [ -n "$1" ] && [ -x "$1/bin/java" ] && [ -x "$1/bin/$2" ] && [ "$(jdk_major "$1")" -ge "$JDK_MINIMUM" ]
}

# jdk_of_path TOOL: the home of the PATH's TOOL, symbolic links followed. macOS has a stub in /usr/bin instead, and a
# program that knows what lies behind it.
jdk_of_path() {
    jdk_link=$(command -v "$1" 2>/dev/null) || return 0
    while [ -L "$jdk_link" ]; do
        jdk_target=$(readlink "$jdk_link")
        case $jdk_target in
            /*) jdk_link=$jdk_target ;;
            *) jdk_link=$(dirname "$jdk_link")/$jdk_target ;;
        esac
    done
    jdk_behind=$(cd "$(dirname "$jdk_link")/.." && pwd -P)
    if [ "$jdk_behind" = /usr ] && [ -x /usr/libexec/java_home ]; then
        /usr/libexec/java_home -v "$JDK_MINIMUM+" 2>/dev/null
    else
        echo "$jdk_behind"
    fi
}

# find_jdk TOOL
find_jdk() {
    if jdk_usable "${JAVA_HOME:-}" "$1"; then
        export JAVA_HOME
        return 0
    fi
    for jdk_home in \
        "$(jdk_of_path "$1")" \
        /usr/lib/jvm/* \
        /usr/java/* \
        /opt/java/* /opt/jdk* \
        /Library/Java/JavaVirtualMachines/*/Contents/Home \
        /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home \
        /usr/local/opt/openjdk*/libexec/openjdk.jdk/Contents/Home \
        "${HOME:-/nonexistent}"/.sdkman/candidates/java/* \
        "${HOME:-/nonexistent}"/.jdks/*; do
        if jdk_usable "$jdk_home" "$1"; then
            JAVA_HOME=$jdk_home
            export JAVA_HOME
            return 0
        fi
    done
    return 1
}

# use_utf8_locale: Java names files in the encoding of the locale. Where it is ASCII (cron, containers) Java could not name 'schön';
# a locale of another encoding is the user's choice and stays.
use_utf8_locale() {
    case $(locale charmap 2>/dev/null || true) in
        ANSI_X3.4-1968 | US-ASCII | ASCII | 646 | '')
            LC_ALL=$(locale -a 2>/dev/null | LC_ALL=C sort | grep -i '^[a-z_]*\.utf-\{0,1\}8$' | head -n 1)
            export LC_ALL="${LC_ALL:-C.UTF-8}"
            ;;
    esac
}

# jdk_missing PROGRAM: says on stderr what to install.
jdk_missing() {
    cat >&2 <<EOF
$1: no JDK of version $JDK_MINIMUM or newer found (looked at JAVA_HOME, the PATH, /usr/lib/jvm and other usual folders).
Install one, for example:
  Debian, Ubuntu:  apt install openjdk-17-jdk
  Fedora:          dnf install java-17-openjdk-devel
  macOS:           brew install openjdk@17
  any system:      Eclipse Temurin from https://adoptium.net
EOF
    if [ -n "${JAVA_HOME:-}" ]; then
        echo "JAVA_HOME is $JAVA_HOME, which does not hold one." >&2
    fi
}
