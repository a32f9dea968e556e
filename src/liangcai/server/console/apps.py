from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    name = "liangcai.server.console"
    label = "console"
