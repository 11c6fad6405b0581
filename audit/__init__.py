"""For the auditor: what happened, what was known, whether it follows from the rules, and proof that none of it was changed.

Reads the record, the store of files and Temporal's histories; changes nothing but the record of who looked.
"""
