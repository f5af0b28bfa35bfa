"""What is allowed: people, agents, grants, field registry, matrix, policy versions, switches. Imports `audit` alone."""
