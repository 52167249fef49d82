#!/bin/sh
# Run once, when PostgreSQL makes its folder: a user that is no superuser, and the databases that it owns.
set -eu
psql --set=ON_ERROR_STOP=1 --username=postgres --dbname=postgres <<'SQL'
\getenv password IMPORTER_PASSWORD
CREATE ROLE importer LOGIN PASSWORD :'password';
CREATE DATABASE registry OWNER importer;
CREATE DATABASE dagster OWNER importer;
CREATE DATABASE records OWNER importer;
REVOKE CONNECT ON DATABASE registry, dagster, records FROM PUBLIC;
SQL
