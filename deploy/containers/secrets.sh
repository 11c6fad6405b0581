#!/bin/sh
# Makes ./secrets beside compose.yaml: passwords, the settings that hold them, and the master key of payloads. Never twice.
set -eu
cd "$(dirname "$0")"
umask 077
[ ! -e secrets ] || { echo "secrets/ 已存在 is there already" >&2; exit 1; }
mkdir secrets
password() { od -An -N16 -tx1 /dev/urandom | tr -d ' \n'; }
owner=$(password) app=$(password) temporal=$(password)
printf 'POSTGRES_PASSWORD=%s\nOWNER_PASSWORD=%s\nAPP_PASSWORD=%s\nTEMPORAL_PASSWORD=%s\n' \
  "$(password)" "$owner" "$app" "$temporal" > secrets/postgres.env
echo "HUIQIAN_DATABASE_URL=postgresql+psycopg://huiqian_app:$app@postgres/huiqian" > secrets/huiqian.env
echo "HUIQIAN_OWNER_URL=postgresql+psycopg://huiqian_owner:$owner@postgres/huiqian" > secrets/owner.env
printf 'POSTGRES_SEEDS=postgres\nPOSTGRES_USER=temporal\nPOSTGRES_PWD=%s\n' "$temporal" > secrets/temporal.env
key=$(head -c 32 /dev/urandom | base64 | tr -d "\n")
printf '{"current": "%s", "keys": [{"id": "%s", "cipher": "AES-256-GCM", "made": "%s", "key": "%s"}]}\n' \
  first first "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$key" > secrets/payload-keys.json
# Compose mounts this file as it is, and the programs refuse one that others may read: it belongs to their user.
chown 10001:10001 secrets/payload-keys.json 2>/dev/null || echo "chown 10001 secrets/payload-keys.json, as root" >&2
