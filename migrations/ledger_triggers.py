"""
The triggers that make the ledger what it is, on both databases.

* a transfer and an account are never changed and never removed, nor replaced by another of the same number;
* both sides of a transfer lie in one world, live or test;
* an account gets its balance row with itself, and a transfer moves the balances of accounts that are not hot;
* an account that may not go below zero does not.
"""

from __future__ import annotations

from alembic import op

from migrations.spatial import drop_append_only, is_sqlite, make_append_only

SQLITE = (
    """
    CREATE TRIGGER ledger_account_opens AFTER INSERT ON ledger_account BEGIN
      INSERT INTO ledger_balance (account_id, through_id, debits_fen, credits_fen) VALUES (NEW.id, 0, 0, 0);
    END
    """,
    # INSERT OR REPLACE removes a row without asking the DELETE trigger.
    """
    CREATE TRIGGER ledger_transfer_not_replaced BEFORE INSERT ON ledger_transfer
    WHEN EXISTS (SELECT 1 FROM ledger_transfer WHERE id = NEW.id OR (kind = NEW.kind AND ref = NEW.ref))
    BEGIN SELECT RAISE(ABORT, 'ledger_transfer is append-only'); END
    """,
    """
    CREATE TRIGGER ledger_account_not_replaced BEFORE INSERT ON ledger_account
    WHEN EXISTS (SELECT 1 FROM ledger_account WHERE id = NEW.id)
    BEGIN SELECT RAISE(ABORT, 'ledger_account is append-only'); END
    """,
    """
    CREATE TRIGGER ledger_transfer_one_world BEFORE INSERT ON ledger_transfer
    WHEN (SELECT livemode FROM ledger_account WHERE id = NEW.debit_account)
      <> (SELECT livemode FROM ledger_account WHERE id = NEW.credit_account)
    BEGIN SELECT RAISE(ABORT, 'a transfer between live and test'); END
    """,
    """
    CREATE TRIGGER ledger_transfer_balances AFTER INSERT ON ledger_transfer BEGIN
      UPDATE ledger_balance SET debits_fen = debits_fen + NEW.amount_fen, through_id = NEW.id
       WHERE account_id = NEW.debit_account
         AND NOT (SELECT is_hot FROM ledger_account WHERE id = NEW.debit_account);
      UPDATE ledger_balance SET credits_fen = credits_fen + NEW.amount_fen, through_id = NEW.id
       WHERE account_id = NEW.credit_account
         AND NOT (SELECT is_hot FROM ledger_account WHERE id = NEW.credit_account);
      SELECT RAISE(ABORT, 'a ledger account would be overdrawn')
       WHERE EXISTS (
         SELECT 1 FROM ledger_account a JOIN ledger_balance b ON b.account_id = a.id
          WHERE a.id IN (NEW.debit_account, NEW.credit_account) AND NOT a.may_go_below AND NOT a.is_hot
            AND CASE a.side WHEN 'debit' THEN b.debits_fen - b.credits_fen
                            ELSE b.credits_fen - b.debits_fen END < 0);
    END
    """,
)

POSTGRES = (
    """
    CREATE FUNCTION ledger_account_opens() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO ledger_balance (account_id, through_id, debits_fen, credits_fen) VALUES (NEW.id, 0, 0, 0);
      RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER ledger_account_opens AFTER INSERT ON ledger_account
    FOR EACH ROW EXECUTE FUNCTION ledger_account_opens()
    """,
    # The number is drawn while both accounts are held: a snapshot that holds them sees every lower number.
    """
    CREATE FUNCTION ledger_transfer_before() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
      worlds integer;
    BEGIN
      PERFORM 1 FROM ledger_account WHERE id IN (NEW.debit_account, NEW.credit_account)
        ORDER BY id FOR KEY SHARE;
      SELECT count(DISTINCT livemode) INTO worlds FROM ledger_account
        WHERE id IN (NEW.debit_account, NEW.credit_account);
      IF worlds > 1 THEN
        RAISE EXCEPTION 'a transfer between live and test' USING ERRCODE = 'check_violation';
      END IF;
      NEW.id = nextval('ledger_transfer_id_seq');
      RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER ledger_transfer_before BEFORE INSERT ON ledger_transfer
    FOR EACH ROW EXECUTE FUNCTION ledger_transfer_before()
    """,
    # Both rows in the order of their numbers, so that two opposite transfers do not wait for each other.
    """
    CREATE FUNCTION ledger_transfer_balances() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
      one bigint;
    BEGIN
      FOREACH one IN ARRAY ARRAY[LEAST(NEW.debit_account, NEW.credit_account),
                                 GREATEST(NEW.debit_account, NEW.credit_account)] LOOP
        UPDATE ledger_balance b
           SET debits_fen = debits_fen + CASE WHEN one = NEW.debit_account THEN NEW.amount_fen ELSE 0 END,
               credits_fen = credits_fen + CASE WHEN one = NEW.credit_account THEN NEW.amount_fen ELSE 0 END,
               through_id = GREATEST(through_id, NEW.id)
          FROM ledger_account a
         WHERE b.account_id = one AND a.id = one AND NOT a.is_hot;
      END LOOP;
      IF EXISTS (
        SELECT 1 FROM ledger_account a JOIN ledger_balance b ON b.account_id = a.id
         WHERE a.id IN (NEW.debit_account, NEW.credit_account) AND NOT a.may_go_below AND NOT a.is_hot
           AND CASE a.side WHEN 'debit' THEN b.debits_fen - b.credits_fen
                           ELSE b.credits_fen - b.debits_fen END < 0) THEN
        RAISE EXCEPTION 'a ledger account would be overdrawn' USING ERRCODE = 'check_violation';
      END IF;
      RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER ledger_transfer_balances AFTER INSERT ON ledger_transfer
    FOR EACH ROW EXECUTE FUNCTION ledger_transfer_balances()
    """,
    """
    CREATE TRIGGER ledger_transfer_not_emptied BEFORE TRUNCATE ON ledger_transfer
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_transfer_append_only()
    """,
    """
    CREATE TRIGGER ledger_account_not_emptied BEFORE TRUNCATE ON ledger_account
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_account_append_only()
    """,
)

TABLES = ("ledger_transfer", "ledger_account")
SQLITE_NAMES = (
    "ledger_account_opens", "ledger_transfer_not_replaced", "ledger_account_not_replaced",
    "ledger_transfer_one_world", "ledger_transfer_balances",
)  # fmt: skip
POSTGRES_NAMES = (
    ("ledger_account", "ledger_account_opens"),
    ("ledger_transfer", "ledger_transfer_before"),
    ("ledger_transfer", "ledger_transfer_balances"),
)


def add_ledger_triggers() -> None:
    """Put every trigger on the tables, which must be there and empty."""
    for table in TABLES:
        make_append_only(table)
    for statement in SQLITE if is_sqlite() else POSTGRES:
        op.execute(statement)


def drop_ledger_triggers() -> None:
    """Take them all away, so that the tables can be dropped."""
    if is_sqlite():
        for name in SQLITE_NAMES:
            op.execute(f"DROP TRIGGER IF EXISTS {name}")
    else:
        for table in TABLES:
            op.execute(f"DROP TRIGGER IF EXISTS {table}_not_emptied ON {table}")
        for table, name in POSTGRES_NAMES:
            op.execute(f"DROP TRIGGER IF EXISTS {name} ON {table}")
            op.execute(f"DROP FUNCTION IF EXISTS {name}()")
    for table in TABLES:
        drop_append_only(table)
