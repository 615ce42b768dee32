# clamd, with one signature of our own: its database cannot be downloaded where tests run. It calls
# « RELAIS-ESSAI-VIRUS-0123456789 » a virus named Relais.Essai.UNOFFICIAL, and nothing else.

start_clamd() {
  local dir=$T/clamd port
  free_port port
  mkdir -p "$dir/db"
  printf 'Relais.Essai:0:*:%s\n' "$(printf 'RELAIS-ESSAI-VIRUS-0123456789' | od -An -v -tx1 | tr -d ' \n')" >"$dir/db/relais.ndb"
  chmod -R go+rX "$dir"
  clamd_conf "$dir" "$port" >"$dir/clamd.conf"
  at_end TERM "$dir/pid"
  /usr/sbin/clamd --config-file="$dir/clamd.conf" >"$dir/start.log" 2>&1 || { cat "$dir/start.log" >&2; exit 69; }
  wait_for "$port" "$dir/log"
  export RELAIS_TEST_CLAMD=127.0.0.1:$port
}

clamd_conf() {
  cat <<CONF
DatabaseDirectory $1/db
PidFile $1/pid
LogFile $1/log
TemporaryDirectory $1
TCPAddr 127.0.0.1
TCPSocket $2
StreamMaxLength 30M
MaxThreads 4
SelfCheck 0
Foreground no
CONF
}
