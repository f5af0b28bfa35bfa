"""Frequency caps judged a second time: cap by cap, person by person, touch by touch."""

from datetime import timedelta

MAKERS = {"meeting_booked": "create_meeting", "in_sequence": "enroll_sequence"}


def judge_frequency(document, facts, say):
    """One finding at most: a stop outweighs a count, and what cannot be known outweighs both."""
    found = facts.frequency
    if found is None or facts.recipients is None or found.asked != len(facts.recipients):
        say(True, "check_failed")
        return
    stopped = capped = False
    for person in found.people:
        for cap in document.frequency:
            if applies(cap, facts):
                stopped = stopped or is_stopped(cap, person)
                capped = capped or is_full(cap, person, facts.now)
    if any(person.is_stopped for person in found.people):
        say(True, "recipient_stopped")
    elif found.is_contended:
        say(True, "frequency_capped")
    else:
        say(stopped, "recipient_stopped")
        say(capped and not stopped, "frequency_capped")


def applies(cap, facts):
    here, agent = facts.connection.environment, facts.agent.name if facts.agent else ""
    if cap.channels and facts.request.action not in cap.channels:
        return False
    if (cap.agent and cap.agent != agent) or (cap.environment and cap.environment != here):
        return False
    if cap.segment_field and facts.target is not None and facts.target.exists:
        held = facts.target.values.get(cap.segment_field)
        if held is not None and held != "":
            return str(held) == cap.segment_value
    return True


def is_stopped(cap, person):
    for word in cap.stops_after:
        if word == "replied":
            if person.replied_at and not (person.resumed_at and person.resumed_at >= person.replied_at):
                return True
            continue
        for touch in person.touches:
            is_new = person.resumed_at is None or touch.at > person.resumed_at
            is_begun = word == "in_sequence" or not touch.is_pending
            if touch.action == MAKERS[word] and touch.is_live and is_begun and is_new:
                return True
    return False


def is_full(cap, person, now):
    own = [touch for touch in person.touches if not cap.agent or touch.agent == cap.agent]
    own = [touch for touch in own if not cap.channels or touch.action in cap.channels]
    ages = [timedelta(0) if touch.is_pending else now - touch.at for touch in own]
    if any(age < timedelta(hours=cap.min_gap_hours) for age in ages):
        return True
    young = [age for age in ages if age < timedelta(hours=cap.window_hours)]
    return cap.max_touches is not None and len(young) >= cap.max_touches
