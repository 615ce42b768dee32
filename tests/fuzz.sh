# The fuzz targets (fuzz/README.md), each for a while. Sourced by tests/run.
#
#   RELAIS_FUZZ_SECONDS   seconds for each target; 0: none, and it is said

FUZZ_TARGETS=(reading html tnef cms transfer report verdict_head smtp)
CARGO_FUZZ=0.13.2

# fuzz SECONDS: runs every target, prints what each did; false when one crashed.
fuzz() {
  local seconds=${RELAIS_FUZZ_SECONDS:-$1} target status=0
  if ((seconds == 0)); then echo "tests/run: RELAIS_FUZZ_SECONDS=0, nothing is fuzzed"; return 0; fi
  install_missing g++:/usr/bin/g++
  need_cargo_fuzz || return
  echo "tests/run: fuzzing ${#FUZZ_TARGETS[@]} targets, $seconds s each; seeds: $(fuzz/seeds "$T/seeds")"
  cargo_fuzz build || return
  for target in "${FUZZ_TARGETS[@]}"; do fuzz_target "$target" "$seconds" || status=1; done
  return "$status"
}

# The corpus that is kept and the fixtures are read; what this run finds goes with its folder, but for a crash.
fuzz_target() {
  local target=$1 seconds=$2 log=$T/fuzz-$1.log dictionary=mail status=0
  [[ $target == smtp ]] && dictionary=smtp
  mkdir -p "$T/found/$target" "$T/seeds/$target" "fuzz/corpus/$target"
  cargo_fuzz run "$target" "$T/found/$target" "fuzz/corpus/$target" "$T/seeds/$target" -- \
    -max_total_time="$seconds" -max_len=4096 -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 \
    -dict="fuzz/dictionaries/$dictionary.dict" >"$log" 2>&1 || status=$?
  if ((status == 0)); then
    awk -v name="$target" '/number_of_executed_units/ { printf "fuzz %-12s ok, %d executions\n", name, $2 }' "$log"
  else
    tail -n 60 "$log"
    echo "fuzz $target FAILED; what broke it is in fuzz/artifacts/$target (fuzz/README.md says how to try it again)"
  fi
  return "$status"
}

# The sanitizer is for C and for unsafe code, of which there is none here: without it a stable compiler is enough.
cargo_fuzz() {
  local command=$1
  shift
  RUSTC_BOOTSTRAP=1 CARGO_TARGET_DIR=$(fuzz_build_folder) in_foreground cargo fuzz "$command" --sanitizer none "$@"
}

fuzz_build_folder() { mkdir -p "${CARGO_TARGET_DIR:-target}" && cd "${CARGO_TARGET_DIR:-target}" && echo "$PWD/fuzzing"; }

need_cargo_fuzz() {
  local tools=${XDG_CACHE_HOME:-$HOME/.cache}/relais/tools
  PATH=$tools/bin:$PATH
  [[ $(cargo fuzz --version 2>/dev/null) == "cargo-fuzz $CARGO_FUZZ" ]] ||
    cargo install --quiet --locked --root "$tools" cargo-fuzz --version "$CARGO_FUZZ"
}
