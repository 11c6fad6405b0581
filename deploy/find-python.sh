#!/bin/sh
# Finds a Python >= 3.12 with the venv module: prints its path on stdout, and what was looked at on stderr.
# Temporal's replay tests are unreliable below 3.12, and on a closed network nothing can download a Python:
# so every place is tried, also pyenv's versions that are not the selected one.
#
#   HUIQIAN_PYTHON=<path>   use this one and no other
set -u

SERIES="3.12 3.13 3.14" # in this order: 3.12 is what Huiqian is developed and tested on
PROBE='import sys, ensurepip, venv
assert sys.version_info >= (3, 12), "too old"
print(sys.executable)'
seen=""

# A pyenv shim exists for every version but runs only for the selected one: so each candidate is really run.
try() {
    [ -n "$1" ] && [ -x "$1" ] || return 1
    if found=$("$1" -c "$PROBE" 2>/dev/null) && [ -n "$found" ]; then
        version=$("$1" -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])')
        echo "[huiqian] 使用 Python $version · using Python $version: $found" >&2
        printf '%s\n' "$found"
        exit 0
    fi
    why=$("$1" -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])' 2>/dev/null) || why="does not run"
    case "$why" in
    3.1[2-9]* | 3.[2-9][0-9]*) why="$why, no venv/ensurepip (Debian: apt-get install python3-venv)" ;;
    esac
    seen="$seen
    $1: $why"
    return 1
}

if [ -n "${HUIQIAN_PYTHON:-}" ]; then
    try "$(command -v "$HUIQIAN_PYTHON" || printf '%s' "$HUIQIAN_PYTHON")"
    echo "HUIQIAN_PYTHON=$HUIQIAN_PYTHON 不是可用的 Python 3.12 以上版本" >&2
    echo "HUIQIAN_PYTHON=$HUIQIAN_PYTHON is no working Python 3.12 or newer:${seen:- no such program}" >&2
    exit 1
fi

for name in $(printf 'python%s ' $SERIES) python3 python; do
    try "$(command -v "$name" 2>/dev/null)"
done

# PYENV_VERSION may hold several, separated by colons; then each series; then the rest, to say what was found.
versions=${PYENV_ROOT:-$HOME/.pyenv}/versions
newest_first() { sort -t. -k1,1nr -k2,2nr -k3,3nr; }
tried=" "
for version in $(printf '%s' "${PYENV_VERSION:-}" | tr ':' ' ') \
    $(for series in $SERIES; do ls "$versions" 2>/dev/null | grep "^$series" | newest_first; done) \
    $(ls "$versions" 2>/dev/null | newest_first); do
    case "$tried" in *" $version "*) continue ;; esac
    tried="$tried$version "
    try "$versions/$version/bin/python3"
done

cat >&2 <<END
没有找到 Python 3.12 以上版本(含 venv)。找到的:
No Python 3.12 or newer (with venv) was found. What was found:${seen:-
    nothing}
取得办法 · to get one: apt-get install python3.12 python3.12-venv · pyenv install 3.12 · uv python install 3.12
然后 · then: HUIQIAN_PYTHON=<path> make …
END
exit 1
