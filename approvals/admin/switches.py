"""Kill switches in the console, as they take effect on requests: what waits in its send window is cancelled at once."""

from django.contrib import admin

from approvals.services.stop import stop
from governance.admin.switches import KillSwitchAdmin
from governance.models import KillSwitch

admin.site.unregister(KillSwitch)


@admin.register(KillSwitch)
class StopAdmin(KillSwitchAdmin):
    engage = staticmethod(stop)
