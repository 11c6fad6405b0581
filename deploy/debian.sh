#!/bin/sh
# Debian's packages that a target needs: `sh deploy/debian.sh CHECK PACKAGE...`. Where the check (shell) fails they are installed
# when root; otherwise it is said how.
set -eu
check=$1
shift
sh -c "$check" >/dev/null 2>&1 && exit 0
if [ "$(id -u)" -ne 0 ]; then
    echo "还需要 $*,请以 root 运行: apt-get install $*" >&2
    echo "needed: $*; as root: apt-get install $*" >&2
    exit 1
fi
echo "正在安装 $* ... installing" >&2
apt-get update -qq >&2
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$@" >&2
