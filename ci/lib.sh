# shellcheck shell=bash
# Counting and telling, for ci/test.

# How many tests a stage passed and failed: `count KIND STATUS LOG` prints two numbers.
#
# KIND says where the stage's own figures stand in its log:
#   cargo    every "test result: ok. 12 passed; 0 failed; …", added up
#   pytest   the last "1 failed, 12 passed in 0.50s"; errors count as failed
#   node     "# pass 12", "# fail 1" and "# cancelled 0" of node --test's TAP; what was cancelled counts as failed
#   script   the last "12 passed, 0 failed"
#   maybe    as script; without such a line the stage counts as one
#   one      the stage counts as one
# A stage that failed without a failed test counts one failed; so does one that should have counted and counted nothing.
count() {
    local kind=$1 status=$2 log=$3 passed='' failed=''
    case $kind in
        cargo) read -r passed failed < <(count_cargo <"$log") || true ;;
        pytest) read -r passed failed < <(count_pytest <"$log") || true ;;
        node) read -r passed failed < <(count_node <"$log") || true ;;
        script | maybe) read -r passed failed < <(count_script <"$log") || true ;;
    esac
    if [[ -z $passed || $passed -eq 0 && $failed -eq 0 ]]; then
        passed=0 failed=0
        if [[ $status -eq 0 && ($kind == one || $kind == maybe) ]]; then
            passed=1
        else
            failed=1
        fi
    elif [[ $status -ne 0 && $failed -eq 0 ]]; then
        failed=1
    fi
    echo "$passed $failed"
}

count_cargo() {
    awk '/^test result: / { passed += $4; failed += $6; found = 1 } END { if (found) print passed, failed }'
}

count_pytest() {
    awk '/ in [0-9.]+s/ && /passed|failed|error/ {
            passed = failed = 0; found = 1; gsub(/[,=]/, " ")
            for (i = 2; i <= NF; i++) {
                if ($i == "passed") passed += $(i - 1)
                if ($i == "failed" || $i == "error" || $i == "errors") failed += $(i - 1)
            }
        }
        END { if (found) print passed, failed }'
}

count_node() {
    awk '/^# (pass|fail|cancelled) [0-9]+$/ { figure[$2] = $3; found++ }
        END { if (found >= 3) print figure["pass"], figure["fail"] + figure["cancelled"] }'
}

count_script() {
    awk '/^[0-9]+ passed, [0-9]+ failed$/ { passed = $1; failed = $3; found = 1 } END { if (found) print passed, failed }'
}

# Whether a program is there.
have() {
    command -v "$1" >/dev/null 2>&1
}

# Installs Debian packages, as root or through sudo.
install_packages() {
    local as_root=()
    if [[ $(id -u) -ne 0 ]]; then
        have sudo || { echo "these packages are missing, and there is no sudo to install them: $*" >&2; return 1; }
        as_root=(sudo)
    fi
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -q
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@"
}
