"""The admin application with our own site."""

from django.contrib.admin.apps import AdminConfig


class ConsoleAdminConfig(AdminConfig):
    default_site = "config.console.site.ConsoleSite"
