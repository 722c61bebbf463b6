"""Load the events into a database of their own."""

import duckdb

with duckdb.connect("events.db") as database:
    database.execute("create table events as from 'events.csv'")
