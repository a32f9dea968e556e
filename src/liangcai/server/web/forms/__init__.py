"""What pages ask for, checked."""
