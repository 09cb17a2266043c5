CREATE ROLE replicator WITH LOGIN REPLICATION PASSWORD 'replpass';
SELECT pg_create_physical_replication_slot('replica_slot');
