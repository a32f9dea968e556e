"""How people sign up and in: django-allauth, with our outbox and our door."""

from allauth.account.adapter import DefaultAccountAdapter


class AccountAdapter(DefaultAccountAdapter):
    pass
