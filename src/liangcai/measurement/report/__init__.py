"""Reports on results of measurement: one HTML file each, with plots and their tables."""
