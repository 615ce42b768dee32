# What every server of a test run needs: root, packages, a folder, free ports, and an end.
# Sourced by tests/run, like every tests/servers/*.sh; a server is one file with start_NAME in it.

T=          # the folder of this run
group=      # the process group of the command in the foreground
stops=()    # « SIGNAL PIDFILE » for the end, last started first

root() { if ((EUID == 0)); then "$@"; else sudo "$@"; fi; }

# as USER COMMAND…: PostgreSQL will not run as root.
as() { local user=$1; shift; root runuser -u "$user" -- "$@"; }

find_cargo() {
  # shellcheck source=/dev/null
  command -v cargo >/dev/null || { [[ -r $HOME/.cargo/env ]] && . "$HOME/.cargo/env"; }
  command -v cargo >/dev/null || { echo "tests/run: cargo is not installed (Rust 1.95)" >&2; exit 69; }
}

# install_missing PACKAGE:FILE…: installs each package whose file is not there. Nothing is started by it:
# a temporary policy-rc.d says no to every service, as images for containers do for good.
install_missing() {
  local wanted=() pair policy=/usr/sbin/policy-rc.d ours=
  for pair; do [[ -e ${pair#*:} ]] || wanted+=("${pair%%:*}"); done
  ((${#wanted[@]})) || return 0
  echo "tests/run: installing ${wanted[*]}" >&2
  [[ -e $policy ]] || { printf '#!/bin/sh\nexit 101\n' | root install -m 755 /dev/stdin "$policy"; ours=1; }
  local status=0
  { apt update && apt install --no-install-recommends "${wanted[@]}"; } >&2 || status=$?
  [[ -z $ours ]] || root rm -f "$policy"
  ((status == 0)) || { echo "tests/run: apt could not install ${wanted[*]}" >&2; exit 69; }
}

# Waits for whoever else holds apt's lock, asks nothing.
apt() { root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=600 "$@"; }

open_folder() {
  T=$(mktemp -d "${TMPDIR:-/tmp}/relais-test.XXXXXX")
  trap close EXIT
  trap 'interrupted 130' INT
  trap 'interrupted 143' TERM
  trap 'interrupted 129' HUP
  chmod 755 "$T"    # the servers' own users walk through it
  export RELAIS_TEST_DIR=$T
  take_ports
}

# Ports lie below the range from which the kernel draws (32768…), so that no other socket takes one by chance.
# Two runs at the same time take two different blocks of ten: the lock lasts as long as this script's file.
take_ports() {
  local locks=${TMPDIR:-/tmp}/relais-test-ports try block
  mkdir -p "$locks"; chmod 1777 "$locks" 2>/dev/null || true
  for try in {1..200}; do
    block=$((20000 + 10 * (RANDOM % 1000)))
    { exec {ports_lock}>"$locks/$block"; } 2>/dev/null || continue
    if flock -n "$ports_lock"; then next_port=$block last_port=$((block + 9)); return; fi
    exec {ports_lock}>&-
  done
  echo "tests/run: no free block of ports" >&2
  exit 75
}

# free_port NAME: puts into NAME the next port of our block on which nobody answers.
free_port() {
  while ((next_port <= last_port)); do
    local candidate=$((next_port++))    # not « port »: that is what callers call theirs
    if ! answers "$candidate"; then printf -v "$1" %s "$candidate"; return; fi
  done
  echo "tests/run: more ports wanted than a block holds" >&2
  exit 75
}

answers() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# wait_for PORT LOG: until it answers, 30 s at most; then the log tells why.
wait_for() {
  local try
  for try in {1..300}; do answers "$1" && return; sleep 0.1; done
  echo "tests/run: nothing answers on port $1; the end of $2:" >&2
  tail -n 20 "$2" >&2 || true
  exit 69
}

# at_end SIGNAL PIDFILE: the process named there, and no other, is ended when the run ends. Said before the
# server starts: a run that is interrupted meanwhile leaves nothing behind.
at_end() { stops+=("$1 $2"); }

end_process() {
  local signal=$1 pid try
  pid=$(root head -n 1 "$2" 2>/dev/null | tr -d ' ')
  [[ $pid =~ ^[0-9]+$ ]] || return 0
  root kill -s "$signal" "$pid" 2>/dev/null || return 0
  for try in {1..100}; do root kill -0 "$pid" 2>/dev/null || return 0; sleep 0.1; done
  root kill -s KILL "$pid" 2>/dev/null
}

interrupted() {
  trap '' INT TERM HUP
  if [[ -n $group ]]; then kill -TERM -- "-$group" 2>/dev/null || true; wait "$group" 2>/dev/null || true; fi
  exit "$1"
}

close() {
  local status=$? i
  set +eu    # whatever goes wrong here, go on to the next server
  trap '' INT TERM HUP
  trap - EXIT
  for ((i = ${#stops[@]} - 1; i >= 0; i--)); do
    # shellcheck disable=SC2086
    end_process ${stops[i]}
  done
  [[ -z $T ]] || root rm -rf "$T"
  exit "$status"
}
