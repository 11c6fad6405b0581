#!/bin/sh
# Makes ./secrets beside compose.yaml: passwords, the settings that hold them, and the master key of payloads. Never twice.
set -eu
cd "$(dirname "$0")"
umask 077
[ ! -e secrets ] || { echo "secrets/ 已存在 is there already" >&2; exit 1; }
mkdir secrets
password() { od -An -N16 -tx1 /dev/urandom | tr -d ' \n'; }
for role in admin owner app temporal; do password > "secrets/${role}_password"; done
echo "HUIQIAN_DATABASE_URL=postgresql+psycopg://huiqian_app:$(cat secrets/app_password)@postgres/huiqian" > secrets/huiqian.env
echo "HUIQIAN_OWNER_URL=postgresql+psycopg://huiqian_owner:$(cat secrets/owner_password)@postgres/huiqian" > secrets/owner.env
printf 'POSTGRES_SEEDS=postgres\nPOSTGRES_USER=temporal\nPOSTGRES_PWD=%s\n' "$(cat secrets/temporal_password)" > secrets/temporal.env
key=$(head -c 32 /dev/urandom | base64 | tr -d "\n")
printf '{"current": "%s", "keys": [{"id": "%s", "cipher": "AES-256-GCM", "made": "%s", "key": "%s"}]}\n' \
  first first "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$key" > secrets/payload-keys.json
# Compose mounts this file as it is, and the programs refuse one that others may read: it belongs to their user.
chown 10001:10001 secrets/payload-keys.json 2>/dev/null || echo "chown 10001 secrets/payload-keys.json, as root" >&2
