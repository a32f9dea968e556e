"""What pages and API lists read; nothing here writes."""
