"""How people sign up and in: django-allauth with our outbox and our door."""

from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone, translation

from liangcai.server.services import outbox
from liangcai.server.store.models import User

#: Messages with words of ours; allauth's own words serve for the rest.
_OURS = {
    "account/email/email_confirmation": "confirm-address",
    "account/email/email_confirmation_signup": "confirm-address",
    "account/email/password_reset_key": "reset-password",
    "account/email/unknown_account": "unknown-account",
    "account/email/account_already_exists": "account-exists",
}


class _Site:
    """Our own site, as allauth's messages name it."""

    @property
    def domain(self) -> str:
        return urlsplit(settings.LIANGCAI_PUBLIC_URL).netloc

    name = domain


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Sends through the outbox, and keeps the door closed where sign-up is by invitation."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002  (allauth names it)
        """Whether anybody may sign up."""
        return bool(settings.LIANGCAI_SIGN_UP == "open")

    def save_user(
        self,
        request: HttpRequest,
        user: User,
        form: Any,
        commit: bool = True,
    ) -> User:
        """Store who signed up, with the language of the page they did it on."""
        user.language = _language()
        saved: User = super().save_user(request, user, form, commit)
        return saved

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Write the message into the outbox, in the person's language."""
        user = context.get("user")
        language = user.language if isinstance(user, User) else _language()
        context = {name: _at_our_address(value) for name, value in context.items()}
        key, at = f"sign-in:{uuid4()}", timezone.now()
        if template_prefix in _OURS:
            outbox.enqueue(
                key=key,
                to=email,
                template=_OURS[template_prefix],
                language=language,
                context=context,
                at=at,
            )
            return
        values = {"email": email, "current_site": _Site(), **context}
        with translation.override(language):
            message = self.render_mail(template_prefix, email, values)
        outbox.enqueue_text(
            key=key, to=email, subject=message.subject, text=message.body, language=language, at=at
        )


def _at_our_address(value: Any) -> Any:
    """Return a link of this site as people write it: whoever asks for a mail picks the Host header."""
    if not isinstance(value, str) or not value.startswith(("http://", "https://")):
        return value
    parts, ours = urlsplit(value), urlsplit(settings.LIANGCAI_PUBLIC_URL)
    return parts._replace(scheme=ours.scheme, netloc=ours.netloc).geturl()


def _language() -> str:
    return "en" if (translation.get_language() or "").startswith("en") else "zh-hans"
