#!/bin/sh
# Debian's chromium with a Chinese font, for `make browser`. Installs them when root, says how otherwise.
set -eu
command -v chromium >/dev/null && fc-list :lang=zh 2>/dev/null | grep -q . && exit 0
if [ "$(id -u)" -ne 0 ]; then
    echo "需要 chromium 与中文字体,请以 root 运行: apt-get install chromium fonts-noto-cjk" >&2
    echo "chromium and a Chinese font are needed; as root: apt-get install chromium fonts-noto-cjk" >&2
    exit 1
fi
echo "正在安装 chromium ... installing chromium" >&2
apt-get update -qq >&2
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium fonts-noto-cjk >&2
