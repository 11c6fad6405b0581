"""What every room of tables shares: the catalogue they stand in, and types of columns that both databases hold alike."""

from sqlalchemy import BigInteger, Integer, MetaData, String

metadata = MetaData()
Id = String(80)
BigKey = BigInteger().with_variant(Integer, "sqlite")
