"""What changes state: one function, one transaction, the audit record included."""
