"""Workspace: a revenue organisation. Every row of policy, every agent and every request belongs to one."""

from django.db import models

from audit.domain.identifier import new_id


class Workspace(models.Model):
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name
