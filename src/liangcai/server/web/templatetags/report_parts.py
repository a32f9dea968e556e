"""The one place where a drawing of our own goes into a page as it is."""

from django import template
from django.utils.safestring import SafeString, mark_safe

from liangcai.grading.report_charts import Chart

register = template.Library()


@register.filter
def drawn(chart: Chart) -> SafeString:
    """Return a chart's SVG; `interval_chart` has escaped every text in it."""
    return mark_safe(chart.svg)  # noqa: S308
