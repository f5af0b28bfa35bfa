"""Invented people and phrases of the demonstration. Nobody here exists; addresses lie under reserved domains."""

_FIRST_NAMES = """
Amara Anton Beatriz Carlos Chiara Daniel Elif Emma Farid Freya Giulia Hana Ibrahim Ines Jakob Jana Kaito Karin
Lars Leila Liam Lucia Marek Maya Mei Milan Nadia Noah Olga Omar Petra Priya Rafael Rosa Samir Sanna Tomas Vera
Yara Yusuf
"""
FIRST_NAMES = tuple(_FIRST_NAMES.split())
_LAST_NAMES = """
Abbott Almeida Andersen Banerjee Becker Bianchi Castillo Chen Costa Dahl Dubois Eriksen Farkas Fontaine Garcia
Haddad Hansen Ito Jansen Kaya Keller Khan Kowalski Laurent Lindqvist Marino Meyer Moreau Nakamura Novak Okafor
Olsen Park Pereira Rossi Santos Schmid Tanaka Varga Weber
"""
LAST_NAMES = tuple(_LAST_NAMES.split())
JOB_TITLES = (
    "Chief Financial Officer",
    "Director of Operations",
    "Head of Digital",
    "Head of Procurement",
    "IT Manager",
    "Sales Operations Manager",
    "VP Engineering",
    "VP Sales",
)
PRODUCTS = ("platform rollout", "renewal", "pilot", "analytics add-on", "regional expansion", "support upgrade")
NEXT_STEPS = (
    "Send the revised proposal",
    "Schedule the security review",
    "Confirm budget with finance",
    "Introduce the implementation team",
    "Agree on the pilot's success criteria",
)
LEAD_MESSAGES = (
    "We are comparing suppliers for next year and would like a demonstration.",
    "Please send pricing for about 200 users.",
    "Is there a European data centre?",
    "A colleague recommended you. Who covers our region?",
)
COMPETITORS = ("Northwind", "Contoso", "Fabrikam", "Initech")
