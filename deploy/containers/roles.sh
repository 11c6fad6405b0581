#!/bin/sh
# PostgreSQL's first start: the records' owner and application, and Temporal's own role, each with its own database rights.
set -eu
psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
  -v owner="${OWNER_PASSWORD:?}" -v app="${APP_PASSWORD:?}" -v temporal="${TEMPORAL_PASSWORD:?}" <<'SQL'
CREATE ROLE huiqian_owner LOGIN PASSWORD :'owner';
CREATE ROLE huiqian_app LOGIN PASSWORD :'app';
CREATE ROLE temporal LOGIN PASSWORD :'temporal';
CREATE DATABASE huiqian OWNER huiqian_owner;
CREATE DATABASE temporal OWNER temporal;
CREATE DATABASE temporal_visibility OWNER temporal;
REVOKE ALL ON DATABASE huiqian, temporal, temporal_visibility FROM PUBLIC;
GRANT CONNECT ON DATABASE huiqian TO huiqian_app;
SQL
