"""The evidence; the only place that speaks Ibis."""
