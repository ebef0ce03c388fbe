# shellcheck shell=bash
# Processes that are started, watched and always ended, and what Linux knows of them, for ci/compare-load.
#
# Whoever uses it says `work`, a folder that exists, and `python`; and calls `end_all` on EXIT.
: "${work:=}" "${python:=}"

# Those that go on, by the names that they were started under.
declare -A running=()

# How many seconds anything may take to say what it has to.
PATIENCE=120

fail() {
    echo "ci/compare-load: $*" >&2
    exit 1
}

# Starts a process under a name; what it says is in $work/NAME.out and $work/NAME.err.
start() { # NAME COMMAND...
    local name=$1
    shift
    : >"$work/$name.out"
    "$@" >"$work/$name.out" 2>"$work/$name.err" </dev/null &
    running[$name]=$!
}

# Whether it goes on.
goes_on() { # NAME
    kill -0 "${running[$1]}" 2>/dev/null
}

# What it said last on standard error, for a message.
last_words() { # NAME
    tail -n 5 "$work/$1.err" | sed 's/^/  /'
}

# Waits for its N-th line; in $said. It may end with that line, not before.
await_line() { # NAME N
    local name=$1 number=$2 until=$((SECONDS + PATIENCE)) ended=no
    while :; do
        # In this order: what it said before its end counts.
        goes_on "$name" || ended=yes
        said=$(sed -n "${number}p" "$work/$name.out")
        [[ -z $said || $(wc -l <"$work/$name.out") -lt $number ]] || return 0
        [[ $ended == no ]] || fail "$name has ended instead of saying its line $number:"$'\n'"$(last_words "$name")"
        [[ $SECONDS -lt $until ]] || fail "$name did not say its line $number within $PATIENCE s:"$'\n'"$(last_words "$name")"
        sleep 0.02
    done
}

# Waits until it has ended by itself; in $status.
await_end() { # NAME
    local name=$1 until=$((SECONDS + PATIENCE))
    while goes_on "$name"; do
        [[ $SECONDS -lt $until ]] || fail "$name goes on after $PATIENCE s:"$'\n'"$(last_words "$name")"
        sleep 0.02
    done
    # shellcheck disable=SC2034 # it is for the caller
    status=0
    # shellcheck disable=SC2034 # the same
    wait "${running[$name]}" || status=$?
    unset "running[$name]"
}

# Ends it as a user would, and waits for that; in $status.
stop() { # NAME
    kill "${running[$1]}" 2>/dev/null || true
    await_end "$1"
}

# Ends whatever goes on.
end_all() {
    local pid
    for pid in "${running[@]}"; do
        kill -KILL "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    running=()
}

# Its resident memory in bytes, and its processor time in seconds (Linux counts in hundredths).
rss_of() { # NAME
    awk '/^VmRSS:/ { print $2 * 1024; found = 1 } END { exit !found }' "/proc/${running[$1]}/status" ||
        fail "$1 has ended, so its memory cannot be read:"$'\n'"$(last_words "$1")"
}

cpu_of() { # NAME
    # The second field is the program's name in parentheses, which may hold anything.
    sed 's/.*) //' "/proc/${running[$1]}/stat" | awk '{ print ($12 + $13) / 100; found = 1 } END { exit !found }' ||
        fail "$1 has ended, so its time cannot be read:"$'\n'"$(last_words "$1")"
}

# A figure of a JSON document, by the names that lead to it: `value totals ok <FILE`.
value() { # NAME...
    "$python" -c '
import json, sys
value = json.load(sys.stdin)
for name in sys.argv[1:]:
    value = value.get(name) if isinstance(value, dict) else None
if not isinstance(value, (int, float, str)):
    sys.exit("no " + ".".join(sys.argv[1:]))
print(value)' "$@"
}

# Counts a hub's sockets until there are so many; says `counting` first, and then how many seconds passed from the last look that saw
# none to the first one that saw all.
count_plugins() { # CONTROL PLUGINS
    exec "$python" -c '
import http.client, json, sys, time
from urllib.parse import urlsplit
base, wanted, patience = urlsplit(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
hub, began, count = http.client.HTTPConnection(base.netloc, timeout=patience), None, 0
while count < wanted:
    now = time.monotonic()
    hub.request("GET", base.path + "/stats")
    count = json.loads(hub.getresponse().read()).get("connections")
    if count is None:
        sys.exit("the hub does not tell how many sockets it has")
    if began is None:
        print("counting", flush=True)
    if began is None or count == 0:
        began = now
    if now - began > patience:
        sys.exit(f"{count} of {wanted} plugins were connected after {patience:.0f} s")
    if count < wanted:
        time.sleep(0.003)
print(time.monotonic() - began)' "$1" "$2" "$PATIENCE"
}

# What a sum comes to.
calculate() { # AWK-EXPRESSION
    awk "BEGIN { printf \"%.9g\", $1 }"
}

# A figure of this run: `keep KEY VALUE`; one line each, as often as it is measured.
keep() {
    [[ $2 =~ ^-?[0-9.]+(e[-+]?[0-9]+)?$ ]] || fail "$1 could not be measured: '$2' is no number"
    echo "$1 $2" >>"$work/figures"
}

# The median of a figure, the least and the most, each times a factor.
figure() { # KEY [FACTOR]
    awk -v key="$1" '$1 == key { print $2 }' "$work/figures" | sort -g | awk -v factor="${2:-1}" '
        { value[NR] = $1 * factor }
        END {
            if (NR == 0) exit 1
            middle = int((NR + 1) / 2)
            median = NR % 2 ? value[middle] : (value[middle] + value[middle + 1]) / 2
            printf "%.12g %.12g %.12g\n", median, value[1], value[NR]
        }' || fail "$1 was never measured"
}

# A figure as a cell of a table: the median, and the range in brackets.
cell() { # KEY FACTOR DIGITS
    local median least most
    read -r median least most < <(figure "$1" "$2") || fail "$1 was never measured"
    awk -v a="$median" -v b="$least" -v c="$most" -v digits="$3" '
        function shown(number,   text, whole) {
            text = sprintf("%." digits "f", number)
            whole = text
            sub(/\..*/, "", whole)
            while (match(whole, /[0-9][0-9][0-9][0-9]($|,)/)) whole = substr(whole, 1, RSTART) "," substr(whole, RSTART + 1)
            sub(/^[0-9]+/, whole, text)
            return text
        }
        BEGIN { print shown(a) " (" shown(b) " to " shown(c) ")" }'
}

# How many times the one figure is the other one, medians each.
ratio() { # KEY KEY [FACTOR]
    local one other
    read -r one _ < <(figure "$1") || fail "$1 was never measured"
    read -r other _ < <(figure "$2") || fail "$2 was never measured"
    awk -v one="$one" -v other="$other" -v factor="${3:-1}" 'BEGIN {
        if (other == 0) exit 1
        ratio = one * factor / other
        printf ratio < 0.095 ? "%.2f" : ratio < 9.95 ? "%.1f" : "%.0f", ratio
    }' || fail "$2 is 0, so nothing can be said in times of it"
}
