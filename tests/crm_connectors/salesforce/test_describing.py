"""What an org's describe becomes in our words (CON-02, REG-01)."""

from tests.builders.salesforce import SalesforceServer, connect


def test_people_read_the_labels_of_a_picklist(server: SalesforceServer) -> None:
    """APR-03: the label that is another word than the value is kept beside it; a value that says itself has none."""
    schema = connect(server).describe()
    (accounts,) = (item for item in schema.objects if item.name == "Account")
    territory = {field.name: field for field in accounts.fields}["Territory__c"]

    first, *others = territory.options
    assert territory.option_labels == {first: f"{first} (Zaventem)"}
    assert others
