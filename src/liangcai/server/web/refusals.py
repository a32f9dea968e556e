"""The door's refusals as HTTP answers."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse

from liangcai.server import access

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def refusing(view: View[P]) -> View[P]:
    """Answer 404 for what a visitor may not know of and 403 for what they may not do."""

    @wraps(view)
    def answered(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except access.NotFound as error:
            raise Http404(str(error)) from error
        except access.Forbidden as error:
            raise PermissionDenied(str(error)) from error

    return answered
