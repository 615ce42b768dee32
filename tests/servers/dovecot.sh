# Dovecot: every address at .example and .test is a mailbox (password « secret »), filled by LMTP, read by IMAP
# or straight from its Maildir.

start_dovecot() {
  local dir=$T/dovecot imap lmtp owner=nobody:nogroup
  ((EUID == 0)) || owner=$(id -un):$(id -gn)    # whoever runs the tests reads the Maildirs; Dovecot takes no root
  free_port imap
  free_port lmtp
  mkdir -p "$dir/run" "$dir/state" "$dir/home"
  root chown "$owner" "$dir/home"
  dovecot_conf "$dir" "$imap" "$lmtp" "${owner%:*}" "${owner#*:}" >"$dir/dovecot.conf"
  at_end TERM "$dir/run/master.pid"
  root /usr/sbin/dovecot -c "$dir/dovecot.conf"
  wait_for "$imap" "$dir/log"
  wait_for "$lmtp" "$dir/log"
  export RELAIS_TEST_DOVECOT_IMAP=127.0.0.1:$imap RELAIS_TEST_DOVECOT_LMTP=127.0.0.1:$lmtp
  export RELAIS_TEST_MAILDIRS=$dir/home
}

dovecot_conf() {
  cat <<CONF
base_dir = $1/run
state_dir = $1/state
log_path = $1/log
protocols = imap lmtp
listen = 127.0.0.1
default_internal_user = dovecot
default_login_user = dovenull
default_internal_group = dovecot
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_username_format = %Lu
mail_location = maildir:$1/home/%u/Maildir
mail_uid = $4
mail_gid = $5
first_valid_uid = 1
first_valid_gid = 1
passdb {
  driver = static
  args = password=secret
}
userdb {
  driver = static
  args = uid=$4 gid=$5 home=$1/home/%u allow_all_users=yes
}
namespace inbox {
  inbox = yes
}
service imap-login {
  inet_listener imap {
    address = 127.0.0.1
    port = $2
  }
  inet_listener imaps {
    port = 0
  }
}
service lmtp {
  inet_listener lmtp {
    address = 127.0.0.1
    port = $3
  }
}
protocol lmtp {
  postmaster_address = postmaster@valbrume.example
}
lmtp_save_to_detail_mailbox = no
recipient_delimiter = +
CONF
}
