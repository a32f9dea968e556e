"""What keeps a server from starting: a setting or stored data that must not go live."""

from django.core.checks import ERROR, run_checks
from django.core.exceptions import ImproperlyConfigured


def refuse_faults() -> None:
    """Run the system checks, the ones on stored data included.

    Raises:
        ImproperlyConfigured: at least one of them found an error.

    """
    faults = [fault for fault in run_checks(databases=["default"]) if fault.level >= ERROR]
    if faults:
        lines = (f"{fault.id}: {fault.msg} {fault.hint or ''}".strip() for fault in faults)
        raise ImproperlyConfigured("\n".join(lines))
