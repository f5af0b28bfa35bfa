"""Composition: settings, urls, WSGI, Celery, the console's admin site, and the commands that span rooms."""
