#!/bin/sh
# Makes the schema of Temporal's two databases, or brings it up to date: POSTGRES_SEEDS, POSTGRES_USER, POSTGRES_PWD say where.
set -eu
export SQL_PASSWORD="$POSTGRES_PWD"
for database in temporal:temporal temporal_visibility:visibility; do
  tool="temporal-sql-tool --plugin postgres12 --endpoint $POSTGRES_SEEDS --port ${DB_PORT:-5432} --user $POSTGRES_USER --database ${database%%:*}"
  $tool setup-schema -v 0.0 || echo "the schema of ${database%%:*} is there"
  $tool update-schema --schema-name "postgresql/v12/${database##*:}"
done
