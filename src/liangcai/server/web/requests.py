"""What views read off a request."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from liangcai.server.store.models import User


def user_of(request: HttpRequest) -> User:
    """Return who is signed in.

    Raises:
        PermissionDenied: nobody is; the view's `login_required` is missing.

    """
    if not isinstance(request.user, User):
        raise PermissionDenied("nobody is signed in")
    return request.user
