# `just` lists these; nothing here that a line of shell does not do as well.

default:
    @just --list

# The whole life of a demande, told in the terminal
demo:
    cargo run -- demo

# Everything, or a part: just test mail
test *part:
    ./tests/run {{part}}

# A command with the servers up: just with cargo test store::
with *command:
    ./tests/run with {{command}}

# What must hold before a commit
check:
    cargo fmt --check
    cargo clippy --all-targets -- -D warnings
    RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --document-private-items

# Licences, banned crates, sources
deny:
    cargo deny check bans licenses sources

# Everything that a change goes through before it lands
ci:
    .ci/run
