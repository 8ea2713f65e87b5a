# Where the programs are that the tests start. Sourced by ./setup and ./test.

# Debian keeps nginx here, which is not on every user's path.
export PATH=$PATH:/usr/sbin

find_chromium() {
    local name
    for name in ${CHROMIUM:-} chromium chromium-browser google-chrome; do
        # The chromium-browser of Ubuntu only prints that Chromium is a snap.
        "$name" --version </dev/null >/dev/null 2>&1 && command -v "$name" && return
    done
    return 1
}

find_nginx() {
    command -v nginx
}

find_postgres() {
    # Debian keeps the programs of a PostgreSQL server in a folder for each version, which is not on the path.
    command -v postgres || ls /usr/lib/postgresql/*/bin/postgres 2>/dev/null
}

find_pgbouncer() {
    command -v pgbouncer
}

find_node() {
    # The scripts of the clients need Node 18, which Debian 12 has.
    node -e 'process.exit(parseInt(process.versions.node) < 18 ? 1 : 0)' </dev/null >/dev/null 2>&1 && command -v node
}

find_npm() {
    command -v npm
}

find_ip() {
    command -v ip
}

# What src/EventStream.Browser/build takes from npm, in the versions of its lock file. The build notes which file it installed.
find_module_tools() {
    cmp -s src/EventStream.Browser/package-lock.json src/EventStream.Browser/node_modules/.built-from
}
