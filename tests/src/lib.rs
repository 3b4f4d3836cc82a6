//! Whole-system stories against real devices, servers and databases.
