# Postfix: the relay between people and relais. Nothing may leave this machine: what no rule names is an error.
#
#   …@demandes.example (and one word in front: reponse.demandes.example)   → RELAIS_TEST_LMTP, by LMTP
#   every other address at .example or .test                               → Dovecot, by LMTP
#
# Addresses are passed whole: no part after « + » is cut, no header is taken away.

start_postfix() {
  local dir=$T/postfix port lmtp
  free_port port
  free_port lmtp    # kept for a relais: nobody listens there until a test does
  export RELAIS_TEST_POSTFIX=127.0.0.1:$port RELAIS_TEST_LMTP=127.0.0.1:$lmtp RELAIS_TEST_POSTFIX_CONFIG=$dir
  root mkdir -p "$dir/spool" "$dir/data"
  root chown postfix "$dir/data"
  postfix_main "$dir" | root tee "$dir/main.cf" >/dev/null
  postfix_master "$port" | root tee "$dir/master.cf" >/dev/null
  postfix_transport | root tee "$dir/transport" >/dev/null
  at_end TERM "$dir/spool/pid/master.pid"
  root /usr/sbin/postfix -c "$dir" start >"$T/postfix-start.log" 2>&1 || { cat "$T/postfix-start.log" >&2; exit 69; }
  wait_for "$port" "$dir/log"
}

postfix_transport() {
  cat <<MAP
/@([a-z-]+\.)?demandes\.example\$/     lmtp:inet:$RELAIS_TEST_LMTP
/\.(example|test)\$/                   lmtp:inet:$RELAIS_TEST_DOVECOT_LMTP
MAP
}

postfix_main() {
  cat <<CONF
compatibility_level = 3.6
queue_directory = $1/spool
data_directory = $1/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = $1/log
maillog_file_prefixes = $1
myhostname = mx.demandes.example
myorigin = \$myhostname
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
mydestination =
local_recipient_maps =
alias_maps =
alias_database =
smtp_dns_support_level = disabled
lmtp_dns_support_level = disabled
smtpd_peername_lookup = no
relay_domains = example, test
transport_maps = regexp:$1/transport
default_transport = error:5.4.4 nothing leaves this machine in a test
relay_transport = error:5.4.4 nothing leaves this machine in a test
smtpd_recipient_restrictions = permit_mynetworks, reject_unauth_destination
recipient_delimiter = +
biff = no
minimal_backoff_time = 2s
maximal_backoff_time = 5s
queue_run_delay = 2s
bounce_queue_lifetime = 5m
smtputf8_enable = yes
mailbox_transport =
CONF
}

postfix_master() {
  cat <<CONF
# service    type  private unpriv chroot wakeup maxproc command
127.0.0.1:$1 inet n -  n  -     -    smtpd
pickup       unix  n  -  n  60    1    pickup
cleanup      unix  n  -  n  -     0    cleanup
qmgr         unix  n  -  n  300   1    qmgr
tlsmgr       unix  -  -  n  1000? 1    tlsmgr
rewrite      unix  -  -  n  -     -    trivial-rewrite
bounce       unix  -  -  n  -     0    bounce
defer        unix  -  -  n  -     0    bounce
trace        unix  -  -  n  -     0    bounce
verify       unix  -  -  n  -     1    verify
flush        unix  n  -  n  1000? 0    flush
proxymap     unix  -  -  n  -     -    proxymap
proxywrite   unix  -  -  n  -     1    proxymap
smtp         unix  -  -  n  -     -    smtp
relay        unix  -  -  n  -     -    smtp
showq        unix  n  -  n  -     -    showq
error        unix  -  -  n  -     -    error
retry        unix  -  -  n  -     -    error
discard      unix  -  -  n  -     -    discard
lmtp         unix  -  -  n  -     -    lmtp
anvil        unix  -  -  n  -     1    anvil
scache       unix  -  -  n  -     1    scache
postlog      unix-dgram n - n -   1    postlogd
CONF
}
