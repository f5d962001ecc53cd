-- The two roles, PostGIS and the database on a server of one's own. For psql from version 15 on, as superuser;
-- may be run again. The passwords come from the environment, so that no command line shows them:
-- KODALA_OWNER_PASSWORD (worker and commands) and KODALA_WEB_PASSWORD (web process).
\set ON_ERROR_STOP on
\getenv owner_password KODALA_OWNER_PASSWORD
\getenv web_password KODALA_WEB_PASSWORD

SELECT 'CREATE ROLE kodala LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'kodala') \gexec
SELECT 'CREATE ROLE kodala_web LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'kodala_web') \gexec
ALTER ROLE kodala PASSWORD :'owner_password';
ALTER ROLE kodala_web PASSWORD :'web_password';

SELECT 'CREATE DATABASE kodala OWNER kodala ENCODING ''UTF8'' TEMPLATE template0'
    WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'kodala') \gexec
\connect kodala
CREATE EXTENSION IF NOT EXISTS postgis;
REVOKE CONNECT, TEMPORARY ON DATABASE kodala FROM PUBLIC;
GRANT CONNECT ON DATABASE kodala TO kodala_web;
