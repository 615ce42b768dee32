# PostgreSQL: one cluster per run, trust on loopback; each test makes its own database in it.

start_postgres() {
  local bin=/usr/lib/postgresql/15/bin data=$T/postgres port
  free_port port
  root install -d -o postgres "$data"
  as postgres "$bin/initdb" -D "$data/data" -U relais -A trust --no-sync -E UTF8 --locale=C.UTF-8 >"$T/initdb.log" ||
    { cat "$T/initdb.log" >&2; exit 69; }
  at_end INT "$data/data/postmaster.pid"    # INT: a fast shutdown
  # fsync off: the cluster lives as long as the tests. Tests of faults start their own.
  as postgres "$bin/pg_ctl" -D "$data/data" -w -s -l "$data/log" start -o \
    "-c listen_addresses=127.0.0.1 -p $port -k $data -c fsync=off -c max_connections=300" ||
    { root tail -n 20 "$data/log" >&2; exit 69; }
  export RELAIS_TEST_POSTGRES=postgres://relais@127.0.0.1:$port/postgres
}
