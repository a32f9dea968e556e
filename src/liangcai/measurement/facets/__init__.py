"""Many-facet Rasch measurement: persons, tasks, criteria, raters … on one scale, from sparse ratings."""
