-- Odoo's role: no superuser, may create databases (Odoo's database manager does). May run again.
-- The password comes from the environment (a value, or the file that ODOO_PASSWORD_FILE names), never from here.
set log_statement = 'none';
set log_min_error_statement = 'panic';
set password_encryption = 'scram-sha-256';

\set user `printf '%s' "${ODOO_DB_USER:-odoo}"`
\set password `printf '%s' "${ODOO_PASSWORD:-$(cat "${ODOO_PASSWORD_FILE:?set it or ODOO_PASSWORD}")}"`

select format('create role %I', :'user')
 where not exists (select from pg_roles where rolname = :'user') \gexec
alter role :"user" login createdb nosuperuser nocreaterole noreplication password :'password';
