"""What touches the world outside: addresses judged, HTTP spoken, secrets sealed. Imported by services and vendor
folders; `approvals` seals and posts its webhooks through it too."""
