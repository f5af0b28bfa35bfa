"""One proxy per starter object: a list, a page and permissions of its own in the admin; the rows are `CrmRecord`s."""

from crm_connectors.models.embedded_record import CrmRecord


class Company(CrmRecord):
    object_name = "companies"

    class Meta:
        proxy = True
        verbose_name_plural = "companies"


class Contact(CrmRecord):
    object_name = "contacts"

    class Meta:
        proxy = True


class Lead(CrmRecord):
    object_name = "leads"

    class Meta:
        proxy = True


class Deal(CrmRecord):
    object_name = "deals"

    class Meta:
        proxy = True


class Task(CrmRecord):
    object_name = "tasks"

    class Meta:
        proxy = True


class Note(CrmRecord):
    object_name = "notes"

    class Meta:
        proxy = True


class Draft(CrmRecord):
    object_name = "drafts"

    class Meta:
        proxy = True


class QueueItem(CrmRecord):
    object_name = "queue_items"

    class Meta:
        proxy = True


class Email(CrmRecord):
    object_name = "emails"

    class Meta:
        proxy = True


class Sequence(CrmRecord):
    object_name = "sequences"

    class Meta:
        proxy = True


class SequenceEnrolment(CrmRecord):
    object_name = "sequence_enrolments"

    class Meta:
        proxy = True
        verbose_name = "enrolment"
        verbose_name_plural = "enrolments"


class Meeting(CrmRecord):
    object_name = "meetings"

    class Meta:
        proxy = True


class DialerEntry(CrmRecord):
    object_name = "dialer_entries"

    class Meta:
        proxy = True
        verbose_name_plural = "dialer queue"


class Export(CrmRecord):
    object_name = "exports"

    class Meta:
        proxy = True


RECORD_KINDS: tuple[type[CrmRecord], ...] = (
    Company,
    Contact,
    Lead,
    Deal,
    Task,
    Note,
    Draft,
    QueueItem,
    Email,
    Sequence,
    SequenceEnrolment,
    Meeting,
    DialerEntry,
    Export,
)
