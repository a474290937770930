"""Where editions live: the ledger (SQL, the truth), the vector segments and the lexical indexes."""
