# Sourced by ./test: the long tier of fuzzing.
#
#   rg_fuzz [SECONDS [TARGET...]]   each target, or those named, so long
#
# What is found (crash-..., timeout-...) lies in ~/.cache/retrograph/fuzz/TARGET,
# and so do the inputs that the fuzzer keeps, from which the next run goes on.
# tests/fuzz/corpus holds the seeds and what was found before.

rg_fuzz_targets=(table bundle v1 state meta_graph graph_def kernels scenario)

# One target. Prints a line; returns whether nothing was found.
rg_fuzz_one() {
  local target=$1 seconds=$2 binary=$3 folder=$rg_cache/fuzz/$1 status=0
  mkdir -p "$folder/corpus"
  (
    cd "$folder"
    # What asks for more memory than this gets none, as on a small machine.
    export ASAN_OPTIONS=max_allocation_size_mb=64:allocator_may_return_null=1
    export UBSAN_OPTIONS=print_stacktrace=1
    "$binary" -max_total_time="$seconds" -timeout=25 -rss_limit_mb=3000 \
      -malloc_limit_mb=0 -max_len=4096 -print_final_stats=1 \
      corpus "$rg_top/tests/fuzz/corpus/$target"
  ) >"$folder/log" 2>&1 || status=$?
  local runs
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$folder/log")
  if [ $status = 0 ]; then
    rg_say "$target: nothing found in ${runs:-0} runs"
  else
    grep -aE 'SUMMARY|check failed|Test unit written' "$folder/log" >&2 || true
    rg_say "$target: found something, see $folder/log"
  fi
  return $status
}

rg_fuzz() {
  local seconds=${1:-60} passed=0 failed=0 target bin
  shift || true
  local targets=("$@")
  if [ ${#targets[@]} = 0 ]; then targets=("${rg_fuzz_targets[@]}"); fi
  rg_setup
  rg_install_debian clang-14 libclang-rt-14-dev llvm-14
  rg_say "building the fuzzers"
  # shellcheck disable=SC2046
  rg_bazel build --config=fuzz $(rg_quiet_options) \
    $(printf "//tests/fuzz:%s_fuzz " "${targets[@]}") 2>&1 | tail -n 20 >&2
  bin=$(rg_bazel info --config=fuzz bazel-bin 2>/dev/null)
  for target in "${targets[@]}"; do
    if rg_fuzz_one "$target" "$seconds" "$bin/tests/fuzz/${target}_fuzz"; then
      passed=$((passed + 1))
    else
      failed=$((failed + 1))
    fi
  done
  echo "$passed passed, $failed failed"
  [ $failed = 0 ]
}
