"""The agent API: doors over the services of approvals. Strict JSON in, JSON or problem+json out."""
