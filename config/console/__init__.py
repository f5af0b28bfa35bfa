"""The console: the admin site's brand, navigation, home page and header."""
