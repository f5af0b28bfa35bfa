"""How many requests wait for a group in vain, for the group's own screen."""

from django import template

from approvals.selectors.stranded import count_stranded_by_group
from governance.models import ApproverGroup

register = template.Library()


@register.simple_tag
def stranded_of(group: ApproverGroup) -> int:
    return count_stranded_by_group(workspace_id=group.workspace_id)[group.slug]
