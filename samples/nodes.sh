# A private PostgreSQL, the nodes of a sample, and nginx in front of them. What dies is started again. Ctrl+C ends all of it.
# Sourced by the script of a sample, in its folder, which has set
#   sample        the name of the project
#   nodes         the names of the nodes
#   default_port  the port of nginx in nginx.conf, which ends in 0; the nodes have the ports after it. PORT takes others instead.

readonly port=${PORT:-$default_port}
# In the build's output it runs what is beside it.
app=$PWD/$sample.dll
folder=$(mktemp -d "${TMPDIR:-/tmp}/eventstream-${sample,,}-XXXXXX")
readonly folder
# What runs: a name a process.
declare -A names=()

fail() {
    echo "$1" >&2
    exit 1
}

# $1 is the signal, the rest are names.
stop() {
    local signal=$1 pid pids=()
    shift
    for pid in "${!names[@]}"; do
        [[ " $* " == *" ${names[$pid]} "* ]] || continue
        pids+=("$pid")
        kill -s "$signal" "$pid" 2>/dev/null || true
    done
    [ "${#pids[@]}" -eq 0 ] || wait "${pids[@]}" 2>/dev/null || true
}

end() {
    trap '' INT TERM HUP
    stop TERM nginx "${nodes[@]}"
    # Does not wait for clients.
    stop INT postgres
    rm -rf "$folder"
}

# $1 names it, the rest is the command. It dies with this script, however that ends.
start() {
    local name=$1
    shift
    setpriv --pdeathsig KILL "$@" </dev/null >>"$folder/$name.log" 2>&1 &
    names[$!]=$name
    echo "$name is process $!"
}

start_postgres() {
    # No port: its only socket is in a folder that nobody else may open.
    start postgres "${as[@]}" "$(command -v postgres)" -D "$folder/data" -c listen_addresses= -c unix_socket_directories="$folder/data"
}

start_nginx() {
    start nginx nginx -e stderr -p "$folder" -c "$folder/nginx.conf" -g "daemon off; master_process off;"
}

start_node() {
    local i
    for i in "${!nodes[@]}"; do [ "${nodes[i]}" != "$1" ] || break; done
    ConnectionStrings__Database="Host=$folder/data;Username=postgres;Database=postgres" \
        start "$1" dotnet "$app" --Node "$1" --urls "http://127.0.0.1:$((port + 1 + i))"
}

# $1 is what is waited for, the rest a command that succeeds when it is there.
await() {
    local what=$1 attempts=600
    shift
    until "$@" 2>/dev/null; do
        [ "$((attempts--))" -gt 0 ] || { tail -n 20 "$folder"/*.log >&2; fail "This did not come: $what"; }
        sleep 0.1
    done
}

listens() {
    (: >"/dev/tcp/127.0.0.1/$1")
}

[ "${port: -1}" = 0 ] || fail "PORT is $port and does not end in 0."
# Debian keeps nginx and the programs of PostgreSQL out of the path.
PATH=$PATH:/usr/sbin:$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
for program in dotnet nginx initdb postgres; do
    command -v "$program" >/dev/null ||
        fail "$program is missing. The .NET SDK has dotnet; on Debian, apt-get install nginx-light postgresql has the rest."
done

trap end EXIT
trap 'exit 130' INT TERM HUP
[ -e "$app" ] || { dotnet build -c Release -nodeReuse:false -v quiet -clp:ErrorsOnly && app=$PWD/bin/Release/net10.0/$sample.dll; }

# PostgreSQL refuses to run as root.
as=()
[ "$(id -u)" -ne 0 ] || as=(--reuid postgres --regid postgres --clear-groups)
chmod 755 "$folder"
install -d -m 700 ${as:+-o postgres} "$folder/data"
setpriv "${as[@]}" "$(command -v initdb)" --no-sync -U postgres --auth=trust -E UTF8 --locale=C -D "$folder/data" >"$folder/initdb.log"
start_postgres
await PostgreSQL grep -q ready "$folder/data/postmaster.pid"

for node in "${nodes[@]}"; do start_node "$node"; done
sed "s/:${default_port%0}/:${port%0}/" nginx.conf >"$folder/nginx.conf"
start_nginx
for i in $(seq 0 "${#nodes[@]}"); do await "port $((port + i))" listens "$((port + i))"; done
echo "Open http://localhost:$port (the logs are in $folder)"

# The shell answers a signal while it waits, not while it sleeps. What it says itself of a process that was killed is of no use.
while sleep 2 & wait "$!"; do
    for pid in "${!names[@]}"; do
        ! kill -0 "$pid" || continue
        name=${names[$pid]}
        unset "names[$pid]"
        echo "$name ended, and is started again"
        case $name in
            nginx | postgres) "start_$name" ;;
            *) start_node "$name" ;;
        esac
    done
done 2>>"$folder/run.log"
